/**
 * Says whether a run changed the npm part of deno.lock. Where JSR can be reached, Deno adds its hashes,
 * which is right; a changed npm package would mean that something else was installed than was committed.
 */
import { join } from "node:path";
import { checkoutRoot } from "../experiments/records/run_paths.ts";

interface Lock {
  readonly specifiers?: Readonly<Record<string, string>>;
  readonly npm?: Readonly<Record<string, unknown>>;
}

/** What a lock file says about npm: by name. */
function npmPart(text: string): Map<string, string> {
  const { specifiers = {}, npm = {} } = JSON.parse(text) as Lock;
  const asked = Object.entries(specifiers).filter(([name]) => name.startsWith("npm:"));
  return new Map([
    ...asked,
    ...Object.entries(npm).map(([name, entry]): [string, string] => [name, JSON.stringify(entry)]),
  ]);
}

/**
 * Compares the npm parts of two lock files.
 *
 * @returns One sentence a difference; empty if all is well.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const before = '{"npm":{"a@1.0.0":{"integrity":"sha512-x"}}}';
 * const after = '{"jsr":{"@std/csv@1.0.0":{}},"npm":{"a@1.0.0":{"integrity":"sha512-x"}}}';
 * assertEquals(lockFindings(before, after), []);
 * assertEquals(lockFindings(before, '{"npm":{}}'), ["deno.lock has lost a@1.0.0"]);
 * ```
 */
export function lockFindings(committed: string, found: string): string[] {
  const [before, after] = [npmPart(committed), npmPart(found)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    if (before.get(name) === after.get(name)) return [];
    const what = !after.has(name) ? "has lost" : before.has(name) ? "has changed" : "has gained";
    return [`deno.lock ${what} ${name}`];
  });
}

if (import.meta.main) {
  const root = checkoutRoot();
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: ["show", "HEAD:deno.lock"],
    cwd: root,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const found = await Deno.readTextFile(join(root, "deno.lock"));
  const findings = lockFindings(new TextDecoder().decode(stdout), found);
  for (const finding of findings) console.log(finding);
  console.log(`npm part of deno.lock: ${findings.length} changes.`);
  Deno.exit(findings.length === 0 ? 0 : 1);
}
