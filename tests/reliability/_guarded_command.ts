/** A command as a user starts it, for tests of its output: what it does is named by its argument. */
import { runCommandLine } from "../../lib/cli/_run_command_line.ts";
import { progressLine } from "../../lib/terminal/progress.ts";

const STEERING = "\u001b[2Ja\rb\u009b31m\u202e\u0007";

await runCommandLine(() => {
  const [what, path] = Deno.args;
  if (what === "steer") {
    const line = progressLine({ logSeconds: 0 });
    line.show(STEERING, { now: true });
    line.keep(STEERING);
    console.log(STEERING);
    console.error(STEERING);
    console.warn(new Error(STEERING));
    throw new Error(STEERING);
  }
  console.error("begun");
  const line = progressLine({ logSeconds: 0 });
  line.show("half", { now: true });
  line.keep("done");
  console.log("the result");
  console.log("more of it");
  if (path !== undefined) Deno.writeTextFileSync(path, "finished");
  return Promise.resolve(0);
});
