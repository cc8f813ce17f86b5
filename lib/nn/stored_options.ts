import { z } from "zod";
import { FileError } from "../files/file_error.ts";
import type { ResNet18Options } from "./resnet18.ts";

/** The metadata key under which a checkpoint keeps its model's options. */
export const MODEL_KEY = "lab.model";

const optionsSchema = z.looseObject({
  stem: z.enum(["imagenet", "cifar"]).optional(),
  batchNorm: z.boolean().optional(),
  classes: z.int().min(1).optional(),
  imageSize: z.int().min(1).optional(),
  dropout: z.number().min(0).lt(1).optional(),
  mean: z.array(z.number()).optional(),
  std: z.array(z.number()).optional(),
  seed: z.int().optional(),
});

/** Options of a model as a checkpoint keeps them. */
export type StoredOptions = Partial<Required<ResNet18Options>>;

/**
 * The options of the model that a checkpoint's weights belong to.
 *
 * @param path The checkpoint, for errors.
 * @param metadata Its metadata.
 * @returns `undefined` if there are none, as in torchvision's files.
 * @throws {FileError} Naming the file, if they are no options of a model.
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
  const text = metadata[MODEL_KEY];
  if (text === undefined) return undefined;
  const refuse = (what: string, cause: unknown): FileError =>
    new FileError(`Cannot load the checkpoint ${path}: its ${MODEL_KEY} ${what}`, {
      path,
      place: MODEL_KEY,
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refuse("is not JSON", error);
  }
  const parsed = optionsSchema.safeParse(value);
  if (parsed.success) return parsed.data as StoredOptions; // JSON holds no undefined
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw refuse(`holds no options of a model (${problems.join("; ")})`, parsed.error);
}
