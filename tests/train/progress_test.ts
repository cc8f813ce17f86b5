import { formatProgress, progressDisplay } from "../../lib/train/progress.ts";
import { progressLine } from "../../lib/terminal/progress.ts";
import { assert, assertEquals, assertStringIncludes } from "../../lib/assert/mod.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const progress = {
  epoch: 1,
  epochs: 3,
  batch: 61,
  batches: 61,
  loss: 2.3026,
  accuracy: 0.1,
  imagesPerSecond: 1234.5,
  etaSeconds: 0,
};

Deno.test("times are shown in the two largest units", () => {
  const left = (etaSeconds: number) =>
    formatProgress({ ...progress, etaSeconds }).split("  ").at(-1);
  assertEquals([0, 59.6, 61, 3599, 7384].map(left), [
    "0 s left",
    "1 min 00 s left",
    "1 min 01 s left",
    "59 min 59 s left",
    "2 h 03 min left",
  ]);
});

Deno.test("where stderr is no terminal, one line an epoch is written to it", async () => {
  const module = new URL("../../lib/train/progress.ts", import.meta.url).href;
  const code = `
    import { progressDisplay } from ${JSON.stringify(module)};
    const display = progressDisplay();
    const base = ${JSON.stringify(progress)};
    for (const epoch of [1, 2]) for (const batch of [30, 61]) display.update({ ...base, epoch, batch });
    display.stop();`;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const path = `${await temporaryFolder()}/show.ts`;
  await Deno.writeTextFile(path, code);
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--config", config, path],
  }).output();
  assert(success);
  assertEquals(stdout.length, 0);
  const lines = new TextDecoder().decode(stderr).split("\n").filter((line) =>
    line.includes("epoch")
  );
  assertEquals(lines.length, 2);
  assertStringIncludes(
    lines[1]!,
    "epoch 2/3  batch 61/61  loss 2.303  accuracy 10.0 %  1235 images/s",
  );
});

Deno.test("in a notebook one output is made and then rewritten, at least at every epoch's end", () => {
  const sent: [type: string, content: Record<string, unknown>][] = [];
  const jupyter = {
    broadcast(type: string, content: Record<string, unknown>) {
      sent.push([type, content]);
      return undefined;
    },
  };
  const display = progressDisplay(progressLine({ jupyter }));
  for (const epoch of [1, 2]) {
    for (const batch of [1, 2, 61]) display.update({ ...progress, epoch, batch });
  }
  // The first is shown at once, the next ones of the epoch come too soon, the ends always.
  assertEquals(sent.map(([type]) => type), [
    "display_data",
    "update_display_data",
    "update_display_data",
  ]);
  const ids = sent.map(([, { transient }]) => (transient as { display_id: string }).display_id);
  assertEquals(new Set(ids).size, 1);
  const last = sent.at(-1)![1].data as Record<string, string>;
  assertStringIncludes(last["text/plain"]!, "epoch 2/3  batch 61/61");
});
