import { Command } from "commander";
import { addOutputFlags, commandOutput } from "../../lib/cli/output.ts";
import { assertEquals } from "../../lib/assert/mod.ts";

/** What is written to stdout and to stderr. */
function written(use: () => void): { out: string[]; err: string[] } {
  const { log, error } = console;
  const [out, err]: [string[], string[]] = [[], []];
  console.log = (text: string) => out.push(text);
  console.error = (text: string) => err.push(text);
  try {
    use();
  } finally {
    Object.assign(console, { log, error });
  }
  return { out, err };
}

function said(...args: string[]) {
  const flags = addOutputFlags(new Command()).parse(args, { from: "user" }).opts();
  const output = commandOutput(flags);
  return written(() => {
    output.note("at work");
    output.result({ path: "a", n: NaN }, "wrote a");
    output.remark("done");
  });
}

Deno.test("--json prints one line a result, --quiet results alone", () => {
  assertEquals(said(), { out: ["wrote a", "done"], err: ["at work"] });
  assertEquals(said("--json"), { out: ['{"path":"a","n":null}'], err: ["at work"] });
  assertEquals(said("--quiet"), { out: ["wrote a"], err: [] });
  assertEquals(said("--json", "--quiet"), { out: ['{"path":"a","n":null}'], err: [] });
});

Deno.test("a quiet line of progress shows nothing, and with --json none goes to stdout", () => {
  const stdout: string[] = [];
  const stream = { write: (text: string) => stdout.push(text) };
  for (const flags of [{ quiet: true }, { json: true, quiet: true }]) {
    commandOutput(flags).line({ stream }).keep("1 of 2");
  }
  assertEquals(stdout, []);
  commandOutput({}).line({ stream }).keep("1 of 2");
  assertEquals(stdout, ["1 of 2\n"]);
});
