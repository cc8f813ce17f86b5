import { isAbsent, ownFolder, requireOrdinary, unreadable } from "./_ordinary_file.ts";

/**
 * Looks at a file that may have come from elsewhere, before it is opened: opening a pipe waits for
 * ever, a device may never end, and a link may lead to a file that the folder's sender cannot read.
 *
 * @param path The file.
 * @param options.within The folder that links must not lead out of. Default: the file's own. A link
 * within it is followed.
 * @returns What the system says of it; `undefined` if nothing is there.
 * @throws {FileError} Naming the path, if it is a folder, pipe, socket or device, or leads out of the
 * folder by a symbolic link.
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "@trusted-ai-lab/lab/assert";
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/a`, "abc");
 * assertEquals((await ordinaryFile(`${folder}/a`))?.size, 3);
 * await Deno.mkdir(`${folder}/b`);
 * await Deno.symlink("../a", `${folder}/b/link`);
 * await assertRejects(() => ordinaryFile(`${folder}/b/link`), Error, "symbolic link");
 * assertEquals((await ordinaryFile(`${folder}/b/link`, { within: folder }))?.size, 3);
 * ```
 */
export async function ordinaryFile(
  path: string,
  { within = ownFolder(path) }: { readonly within?: string } = {},
): Promise<Deno.FileInfo | undefined> {
  try {
    const info = await Deno.stat(path);
    const [file, folder] = await Promise.all([path, within].map((one) => Deno.realPath(one)));
    requireOrdinary(path, info, { file: file!, folder: folder! });
    return info;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw unreadable(path, error);
  }
}
