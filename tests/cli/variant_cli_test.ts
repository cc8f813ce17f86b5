import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseTrainFlags } from "../../lib/cli/train/flags.ts";
import { specById } from "../../lib/experiments/specs/matrix.ts";
import { variantsOf } from "../../lib/experiments/specs/own_runs.ts";
import { variantSpec } from "../../lib/experiments/specs/variant.ts";
import {
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";

async function run(command: string, ...args: string[]) {
  const script = fileURLToPath(new URL(`../../lib/cli/${command}.ts`, import.meta.url));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-check", "-A", script, ...args],
    env: { LAB_DATA: "", NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("train --from makes the variant that its flags describe, and no other difference", () => {
  const flags = ["--from", "svhn-baseline", "--lr", "0.05", "--no-bn", "--limit", "500"];
  const { spec } = parseTrainFlags([...flags, "--seed", "2", "--id", "mine"]);
  const expected = variantSpec(specById("quick", "svhn-baseline", 2), {
    id: "mine",
    train: { learningRate: 0.05 },
    model: { batchNorm: false },
    data: { trainLimit: 500 },
  });
  assertEquals(spec, expected);
  assertEquals(parseTrainFlags(flags).spec?.id, "svhn-baseline-limit-500-no-bn-lr-0.05");
});

Deno.test("train --from changes, adds and keeps groups of settings", () => {
  const smaller = parseTrainFlags(["--from", "cifar-pgd-at", "--epsilon", "4/255"]).spec!;
  assertEquals(smaller.train.adversarial, {
    ...specById("quick", "cifar-pgd-at").train.adversarial!,
    epsilon: 4 / 255,
  });
  const added = parseTrainFlags(["--from", "cifar-base", "--adv-train", "--iters", "2"]).spec!;
  const { attack, epsilon, steps } = added.train.adversarial!;
  assertEquals([attack, epsilon, steps], ["pgd", 8 / 255, 2]);
  const circle = parseTrainFlags(["--from", "svhn-baseline", "--circle-weight", "0.5"]).spec!;
  assertEquals(circle.train.circle, { weight: 0.5, margin: 0.4, gamma: 80 });
  const standard = parseTrainFlags(
    ["--from", "svhn-adam", "--profile", "standard", "--epochs", "3"],
  );
  assertEquals([standard.spec!.profile, standard.spec!.train.epochs], ["standard", 3]);
});

Deno.test("a file of variants holds one, several, or whole specs", () => {
  const one = { from: "svhn-ls", id: "one", train: { labelSmoothing: 0.3 } };
  const [first] = variantsOf("quick", one);
  assertEquals(first!.variant, { of: "svhn-ls", before: { "train.labelSmoothing": 0.1 } });
  const both = variantsOf("quick", [one, JSON.parse(JSON.stringify({ ...first!, id: "two" }))]);
  assertEquals(both.map(({ id }) => id), ["one", "two"]);
  const wrong: [unknown, string][] = [
    [{ id: "one" }, "without from"],
    [[one, { from: "svhn-ls" }], "variant 2"],
    [{ ...one, from: "svhn" }, "svhn-baseline"],
    [{ ...one, trian: {} }, "did you mean train?"],
    [[one, { ...one, train: {} }], "two of one"],
    [{ ...first!, profile: "full" }, "one of full"],
    [7, "the variant"],
  ];
  for (const [value, words] of wrong) assertThrows(() => variantsOf("quick", value), Error, words);
});

Deno.test("matrix makes the variants of a file beside the runs that --only names", () =>
  withFolder(async (folder) => {
    const file = join(folder, "mine.json");
    const write = (value: unknown) => Deno.writeTextFile(file, JSON.stringify(value));
    await write({ from: "svhn-baseline", id: "mine", train: { epochs: 8 } });
    const list = (...args: string[]) => run("matrix", "--list", "--variant", file, ...args);
    const beside = await list("--only", "svhn-baseline");
    assertEquals(
      beside.stdout.split("\n"),
      [
        "svhn-baseline  seed 0  svhn  4 epochs",
        "mine  seed 0  svhn  8 epochs  variant of svhn-baseline with epochs 8 instead of 4",
      ],
      beside.stderr,
    );
    assertMatch((await list("--only", "mine", "--seeds", "3")).stdout, /^mine {2}seed 3[^\n]*$/);
    await write({ from: "svhn-baseline", id: "mine", train: { lr: 8 } });
    const wrong = await list();
    assertEquals(wrong.code, 1);
    assertStringIncludes(wrong.stderr, `${file}: Unknown option lr of variant.train`);
    assertEquals(wrong.stderr.split("\n").length, 1);
  }));

Deno.test("train --from refuses what it cannot change in one sentence", async () => {
  const cases: [string[], string][] = [
    [["--from", "svhn", "--lr", "1"], "svhn-baseline"],
    [["--from", "svhn-baseline"], "a flag that changes a setting"],
    [["--from", "svhn-baseline", "--demo"], "--demo has no effect with --from"],
    [["--id", "mine", "--lr", "1"], "--id has no effect without --from"],
  ];
  for (const [args, words] of cases) {
    const { code, stderr } = await run("train", ...args);
    assertEquals(code, 1);
    assertStringIncludes(stderr, words);
    assertEquals(stderr.split("\n").length, 1, stderr);
  }
});
