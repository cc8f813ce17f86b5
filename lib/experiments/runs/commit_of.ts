async function git(root: string, ...args: string[]): Promise<string | null> {
  try {
    const command = new Deno.Command("git", { args: ["-C", root, ...args], stderr: "null" });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  } catch {
    return null; // No git, or no permission to run it: the commit is unknown, and recorded so.
  }
}

/** The commit of the checkout, marked where the library's code differs from it; null if unknown. */
export async function commitOf(root: string): Promise<string | null> {
  const commit = await git(root, "rev-parse", "HEAD");
  if (commit === null) return null;
  const changes = await git(root, "status", "--porcelain", "--", "lib", "deno.json");
  return changes === "" ? commit : `${commit} with changes`;
}
