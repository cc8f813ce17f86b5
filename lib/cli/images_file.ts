/** `images.json` in a run's directory: which files a training read, and what each was used for. */
import { join } from "node:path";
import { z } from "zod";
import type { SplitManifest } from "../data/image_splits.ts";
import { FileError } from "../files/file_error.ts";
import { readBounded } from "../files/read_bounded.ts";
import { writeAtomically } from "../files/write_atomically.ts";

const IMAGES_FILE = "images.json";
/** A million images. */
const MAX_BYTES = 2 ** 28;

const side = z.int().min(1);
const schema = z.object({
  schema: z.literal(1),
  name: z.string(),
  size: z.tuple([side, side]),
  classNames: z.array(z.string()).min(1),
  seed: z.int(),
  files: z.array(z.object({
    path: z.string(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    label: z.int().min(0),
    format: z.enum(["png", "jpeg", "webp"]),
    height: side,
    width: side,
    part: z.enum(["train", "validation", "test"]),
  })),
});

/** Writes the file. */
export async function writeImagesFile(directory: string, manifest: SplitManifest): Promise<void> {
  await writeAtomically(join(directory, IMAGES_FILE), `${JSON.stringify(manifest, null, 1)}\n`);
}

/**
 * Reads the file.
 *
 * @returns `undefined` if there is none: the run was trained on other data.
 * @throws {FileError} Naming the file, if it is damaged.
 */
export async function readImagesFile(directory: string): Promise<SplitManifest | undefined> {
  const path = join(directory, IMAGES_FILE);
  const bytes = await readBounded(path, MAX_BYTES);
  if (bytes === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    const reason = error instanceof z.ZodError
      ? `${error.issues[0]!.path.join(".")}: ${error.issues[0]!.message}`
      : String(error);
    throw new FileError(
      `Cannot read ${path}: ${reason}. Remove it to evaluate all images of a folder, whether the ` +
        `run was trained on them or not`,
      { path, cause: error },
    );
  }
}
