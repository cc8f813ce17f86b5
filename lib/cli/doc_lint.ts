/** Checks that every public name of lib is documented and mentions public types only. */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Picks the findings about lib from what `deno doc --lint` prints; those about the packages whose
 * types lib mentions are left out.
 *
 * @param output What it prints, without colours.
 * @param root The checkout's root.
 * @returns One line a finding: its place, what is wrong and the rule.
 * @throws {Error} If the output cannot be read: it holds fewer findings than it counts, or none.
 */
export function docFindings(output: string, root: string): string[] {
  const all = [...output.matchAll(/^error\[([\w-]+)\]: (.*)\n *--> (.*)$/gm)];
  const count = /^error: Found (\d+) documentation lint error/m.exec(output)?.[1];
  if (all.length === 0 || all.length !== Number(count)) {
    throw new Error(`Expected ${count ?? "some"} findings but read ${all.length} in:\n${output}`);
  }
  return all.map(([, rule, text, place]) =>
    `${relative(root, place!).replaceAll("\\", "/")}: ${text} (${rule})`
  ).filter((finding) => finding.startsWith("lib/"));
}

if (import.meta.main) {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--quiet", "--lint", "lib/mod.ts"],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const findings = success ? [] : docFindings(new TextDecoder().decode(stderr), root);
  for (const finding of findings) console.error(finding);
  console.log(`Documentation of lib/mod.ts: ${findings.length} findings.`);
  Deno.exit(findings.length === 0 ? 0 : 1);
}
