/**
 * Fills a folder beside its place and renames it, so that an interrupt leaves no half.
 *
 * @param folder What it replaces.
 * @param fill Gets the empty folder to fill.
 */
export async function fillFolder(
  folder: string,
  fill: (part: string) => Promise<void>,
): Promise<void> {
  const part = `${folder}.part`;
  await Deno.remove(part, { recursive: true }).catch(() => {});
  await Deno.mkdir(part, { recursive: true });
  await fill(part);
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.rename(part, folder);
}
