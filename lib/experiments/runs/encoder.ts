/** Where a run's first weights come from: another run, a file, ImageNet, or a named stand-in. */
import {
  checkpointOptions,
  imagenetNormalisation,
  type KnownNormalisation,
  type ToldOptions,
} from "../../nn/checkpoint_options.ts";
import type { AnyNetworkOptions } from "../../nn/architectures.ts";
import type { ModelName } from "../../nn/model_names.ts";
import { readSafetensors } from "../../nn/read_safetensors.ts";
import { imagenetWeights, pretrainedFolder } from "./imagenet_weights.ts";
import type { EncoderDescription } from "../records/schema.ts";
import type { RunContext } from "./run_context.ts";
import type { RunSpec } from "../specs/run_spec.ts";
import { sha256 } from "../../format/sha256.ts";

/** An encoder whose weights may still have to be trained. */
export type Encoder =
  & EncoderDescription
  & (
    | { readonly kind: "run"; readonly spec: RunSpec; readonly keepHead: boolean }
    | {
      readonly kind: "file";
      readonly path: string;
      readonly options: EncoderOptions;
      readonly normalisation: KnownNormalisation;
    }
  );

/** The options that weights are bound to. */
export interface EncoderOptions
  extends Pick<Required<AnyNetworkOptions>, "stem" | "batchNorm" | "mean" | "std"> {
  readonly architecture: ModelName;
}

/** What identifies another run: given by the caller, since identities may refer to encoders. */
export type IdentityOf = (spec: RunSpec) => Promise<{ readonly trainingHash: string }>;

async function encoderOfRun(
  spec: RunSpec,
  id: string,
  { keepHead, standIn }: { readonly keepHead: boolean; readonly standIn: boolean },
  context: RunContext,
  identityOf: IdentityOf,
): Promise<Encoder> {
  const other = context.specOf(spec, id);
  if (other.pretrained !== undefined) {
    throw new RangeError(
      `Expected pretrained.id of ${spec.id} to be a run from random weights but found ${id}`,
    );
  }
  const { trainingHash } = await identityOf(other);
  const head = keepHead ? " with its head" : "";
  const description = `encoder of ${id}${head}` +
    (standIn ? " (stand-in for ImageNet weights, which were not at hand)" : "");
  return { kind: "run", spec: other, keepHead, description, digest: trainingHash, standIn };
}

/**
 * Reads what the weights in a file are bound to, without loading them.
 *
 * @param told What the caller says about weights without the lab's metadata.
 * @throws {Error} Naming the file, if it is missing, no safetensors file or of no network of the lab, or
 * contradicts the caller.
 */
export async function encoderOfFile(
  path: string,
  description: string,
  told: ToldOptions = {},
): Promise<Extract<Encoder, { kind: "file" }>> {
  const content = await readSafetensors(path, "the pretrained weights");
  const { architecture, options, normalisation } = checkpointOptions(path, content, told);
  const { stem, batchNorm } = options;
  const { mean, std } = normalisation;
  return {
    kind: "file",
    path,
    options: { architecture, stem, batchNorm, mean, std },
    normalisation,
    description,
    digest: sha256(content.bytes),
    standIn: false,
  };
}

/**
 * Finds a run's encoder, without training it.
 *
 * @returns `null` for a run from random weights.
 * @throws {Error} If the weights are not at hand and no stand-in is named.
 */
export async function resolveEncoder(
  spec: RunSpec,
  context: RunContext,
  identityOf: IdentityOf,
): Promise<Encoder | null> {
  const { pretrained } = spec;
  if (pretrained === undefined) return null;
  if (pretrained.from === "run") {
    const { id, keepHead } = pretrained;
    return encoderOfRun(spec, id, { keepHead, standIn: false }, context, identityOf);
  }
  if (pretrained.from === "file") {
    const { path, options } = pretrained;
    return encoderOfFile(path, `encoder of ${path.split(/[\\/]/).at(-1)}`, options);
  }
  const weights = await imagenetWeights(pretrainedFolder(context.root), context);
  if ("path" in weights) {
    return encoderOfFile(weights.path, "ImageNet encoder (torchvision)", imagenetNormalisation);
  }
  if (pretrained.standIn === undefined) {
    throw new Error(
      `Cannot get ImageNet weights for ${spec.id}: ${weights.reason}. Put a ResNet-18 safetensors ` +
        `file somewhere and name it with --pretrained FILE.`,
    );
  }
  const standIn = { keepHead: false, standIn: true };
  return encoderOfRun(spec, pretrained.standIn, standIn, context, identityOf);
}
