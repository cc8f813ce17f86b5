/** oneDNN is on wherever a process of the lab computes, unless the user has switched it off. */
import { fileURLToPath } from "node:url";
import { kernelDescription } from "../../lib/cli/setup/_kernel_description.ts";
import { oneDnnAdvice } from "../../lib/cli/setup/onednn_advice.ts";
import { hardware, readEnvironment } from "../../lib/experiments/runs/provenance.ts";
import { usesOneDnn } from "../../lib/backend/onednn.ts";
import { assert, assertEquals, assertStringIncludes } from "../../lib/assert/mod.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const onX86 = Deno.build.arch === "x86_64";

/** What a process with this choice says of itself, and what TensorFlow's log says of oneDNN. */
async function processWith(choice: string | undefined) {
  const { TF_ENABLE_ONEDNN_OPTS: _own, ...rest } = Deno.env.toObject();
  const code = `
    import { tf } from "./lib/backend/tf.ts";
    import { hardware, readEnvironment } from "./lib/experiments/runs/provenance.ts";
    tf.add(tf.scalar(1), 1).dataSync();
    const { oneDnn } = await readEnvironment(".");
    console.log(JSON.stringify({ oneDnn, hardware: hardware() }));`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", "--ext=ts", code],
    cwd: root,
    clearEnv: true,
    env: {
      ...rest,
      TF_CPP_MIN_LOG_LEVEL: "0",
      ...(choice === undefined ? {} : { TF_ENABLE_ONEDNN_OPTS: choice }),
    },
  }).output();
  const said = new TextDecoder().decode(stdout).trim().split("\n").at(-1)!;
  return {
    ...JSON.parse(said) as { oneDnn: boolean; hardware: string },
    loggedOn: new TextDecoder().decode(stderr).includes("oneDNN custom operations are on"),
  };
}

Deno.test("a process without a choice has oneDNN on, and its provenance says so", async () => {
  const { oneDnn, loggedOn, hardware } = await processWith(undefined);
  assertEquals([oneDnn, loggedOn], [onX86, onX86]);
  assertEquals(hardware.endsWith("oneDNN off"), !onX86);
});

Deno.test("a user's 0 stays, and the provenance says that oneDNN is off", async () => {
  const { oneDnn, loggedOn, hardware } = await processWith("0");
  assertEquals([oneDnn, loggedOn], [false, false]);
  assertStringIncludes(hardware, ", oneDNN off");
});

Deno.test("provenance of this process agrees with its setting", async () => {
  assertEquals((await readEnvironment(root)).oneDnn, usesOneDnn());
  assertEquals(hardware().includes("oneDNN off"), !usesOneDnn());
});

Deno.test("the Jupyter kernel starts with oneDNN on, unless the user's environment says otherwise", async () => {
  // In place of Deno a program that prints what it is started with.
  const { argv, env } = kernelDescription("/usr/bin/env") as {
    argv: string[];
    env: Record<string, string>;
  };
  assert(!("TF_ENABLE_ONEDNN_OPTS" in env), "Jupyter would let it win over the user's own 0");
  const [program, ...args] = argv.slice(0, 4);
  const started = async (own: Record<string, string>) => {
    const command = new Deno.Command(program!, { args, clearEnv: true, env: own });
    return new TextDecoder().decode((await command.output()).stdout);
  };
  assertStringIncludes(await started({}), "TF_ENABLE_ONEDNN_OPTS=1\n");
  assertStringIncludes(await started({ TF_ENABLE_ONEDNN_OPTS: "0" }), "TF_ENABLE_ONEDNN_OPTS=0\n");
});

Deno.test("doctor names the remedy where oneDNN is off", () => {
  assertEquals(oneDnnAdvice(true, "1"), "oneDNN on");
  assertStringIncludes(oneDnnAdvice(false, "0"), 'run: unset TF_ENABLE_ONEDNN_OPTS (it is "0")');
  assertStringIncludes(oneDnnAdvice(false, "1"), "build of TensorFlow has no oneDNN");
});
