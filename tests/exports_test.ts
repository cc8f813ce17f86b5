/** What a program gets that imports the package or one of its parts. */
import { join } from "node:path";
import { checkoutRoot } from "../lib/experiments/records/run_paths.ts";
import * as all from "../lib/mod.ts";
import { assert, assertEquals } from "../lib/assert/mod.ts";

const root = checkoutRoot();
const { name: packageName, exports }: { name: string; exports: Record<string, string> } = JSON
  .parse(await Deno.readTextFile(join(root, "deno.json")));

for (const [entry, file] of Object.entries(exports)) {
  if (entry === "." || entry === "./assert") continue;
  Deno.test(`${entry} exports a part of the whole`, async () => {
    const part = await import(`../${file}`);
    const names = Object.keys(part);
    assert(names.length > 3, names.join());
    assertEquals(names.filter((name) => !(name in all)), []);
  });
}

/** Whether a program that imports an entry of the package has TensorFlow's library loaded. */
async function loadsTensorFlow(entry: string): Promise<boolean> {
  const program = `import * as part from "${entry.replace(".", packageName)}";
    if (Object.keys(part).length === 0) throw new Error("empty");
    console.log((await Deno.readTextFile("/proc/self/maps")).includes("libtensorflow"));`;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", program],
    cwd: root,
  }).output();
  const text = new TextDecoder();
  assert(success, text.decode(stderr));
  return text.decode(stdout).trim() === "true";
}

Deno.test({
  name: "metrics and plots load without TensorFlow, attacks with it",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    assertEquals(await loadsTensorFlow("./metrics"), false);
    assertEquals(await loadsTensorFlow("./plots"), false);
    assertEquals(await loadsTensorFlow("./attacks"), true);
  },
});
