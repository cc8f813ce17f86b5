/** Folders that last as long as the tests of a file. */

const folders: string[] = [];

Deno.test.afterAll(async () => {
  for (const folder of folders) {
    await Deno.remove(folder, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // a test may remove it itself
    });
  }
});

/** Makes an empty folder that is removed after the last test of the file. */
export async function temporaryFolder(options?: Deno.MakeTempOptions): Promise<string> {
  const folder = await Deno.makeTempDir(options);
  folders.push(folder);
  return folder;
}
