import { join } from "node:path";
import { assert, assertEquals } from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";
import { killedRun } from "../train/killed_run.ts";
import { shortRun } from "./_kill_at.ts";
import { finish, requireSurvival, start } from "./_survive_kill.ts";

/** `deno task soak` sets it: every point and twenty random times instead of a sample of them. */
const all = Deno.env.get("LAB_SOAK") === "1";

Deno.test("a run that is killed at any write, flush or rename resumes bit for bit", () =>
  withFolder(async (folder) => {
    const whole = start("./_kill_at.ts", [join(folder, "whole")]);
    const points = Number(new TextDecoder().decode((await whole.output()).stdout));
    assert(points > 50, `only ${points} file operations were seen`);
    const step = all ? 1 : Math.ceil(points / 8);
    const expected = await finish(shortRun());
    let survived = 0;
    for (let point = 1; point <= points; point += step) {
      const directory = join(folder, String(point));
      const child = start("./_kill_at.ts", [directory, String(point)]);
      await child.stdout.cancel();
      assertEquals((await child.status).signal, "SIGKILL", `point ${point}`);
      await requireSurvival(directory, shortRun(), expected);
      survived++;
    }
    console.log(`killed at ${survived} of ${points} file operations: ${survived} survived`);
  }));

Deno.test("a run that is killed at random times resumes bit for bit", () =>
  withFolder(async (folder) => {
    const kills = all ? 20 : 5;
    const expected = await finish(killedRun());
    for (let kill = 0; kill < kills; kill++) {
      const directory = join(folder, String(kill));
      const child = start("../train/killed_run.ts", [directory]);
      const reader = child.stdout.getReader();
      await reader.read(); // it trains
      await new Promise((resolve) => setTimeout(resolve, 400 * Math.random()));
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
      await requireSurvival(directory, killedRun(), expected);
    }
    console.log(`killed at ${kills} random times: ${kills} survived`);
  }));
