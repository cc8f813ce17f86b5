import { z } from "zod";
import { FileError } from "../files/file_error.ts";
import { JsonError, parseStrictJson } from "../format/strict_json.ts";
import { printable } from "../format/printable.ts";
import type { AnyNetworkOptions } from "./architectures.ts";

/** The metadata key under which a checkpoint keeps its model's options. */
export const MODEL_KEY = "lab.model";

/** Of images in pixels. No tensor tells it, and one of a million would fill any memory. */
const side = z.int().min(1).max(4096);

const optionsSchema = z.looseObject({
  stem: z.enum(["imagenet", "cifar"]).optional(),
  batchNorm: z.boolean().optional(),
  classes: z.int().min(1).optional(),
  channels: z.int().min(1).optional(),
  imageSize: z.union([side, z.tuple([side, side])]).optional(),
  dropout: z.number().min(0).lt(1).optional(),
  mean: z.array(z.number()).optional(),
  std: z.array(z.number().positive()).optional(),
  seed: z.int().optional(),
  bnBeforeFc: z.boolean().optional(),
  outShortcut: z.boolean().optional(),
  architecture: z.string().optional(),
});

/** Options of a model as a checkpoint keeps them, and the network's name. */
export type StoredOptions = Partial<Required<AnyNetworkOptions>> & {
  readonly architecture?: string;
};

function refusal(path: string, what: string, cause?: unknown): FileError {
  const message = `Cannot load the checkpoint ${path}: its ${MODEL_KEY} ${printable(what)}`;
  return new FileError(message, { path, place: MODEL_KEY, cause });
}

/**
 * The options of any model, as a checkpoint keeps them.
 *
 * @param path The checkpoint, for errors.
 * @param metadata Its metadata.
 * @returns `undefined` if there are none.
 * @throws {FileError} Naming the file, if they are no JSON object.
 */
export function storedJson(
  path: string,
  metadata: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> | undefined {
  const text = metadata[MODEL_KEY];
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = parseStrictJson(text);
  } catch (error) {
    const what = error instanceof JsonError ? error.message.replace(/^it /, "") : "is not JSON";
    throw refusal(path, what, error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refusal(path, "holds no options by name");
  }
  return value as Record<string, unknown>;
}

/**
 * The options of the network that a checkpoint's weights belong to.
 *
 * @param path The checkpoint, for errors.
 * @param metadata Its metadata.
 * @returns `undefined` if there are none, as in torchvision's files.
 * @throws {FileError} Naming the file, if they are no options of a network of the lab.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(storedOptions("a.safetensors", { "lab.model": '{"stem":"cifar"}' })?.stem, "cifar");
 * assertEquals(storedOptions("b.safetensors", {}), undefined);
 * ```
 */
export function storedOptions(
  path: string,
  metadata: Readonly<Record<string, string>>,
): StoredOptions | undefined {
  const value = storedJson(path, metadata);
  if (value === undefined) return undefined;
  const parsed = optionsSchema.safeParse(value);
  if (parsed.success) return parsed.data as StoredOptions; // JSON holds no undefined
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw refusal(
    path,
    `holds no options of a network of the lab (${problems.join("; ")})`,
    parsed.error,
  );
}
