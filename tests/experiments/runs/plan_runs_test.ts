import { join } from "node:path";
import { experimentMatrix, withSeed } from "../../../lib/experiments/specs/matrix.ts";
import { planRuns } from "../../../lib/experiments/runs/plan_runs.ts";
import { publishRecord } from "../../../lib/experiments/records/record.ts";
import { publishedPaths } from "../../../lib/experiments/records/run_paths.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../../lib/assert/mod.ts";
import { inventRun, withFolder } from "../synthetic_run.ts";
import { tiny } from "../tiny_spec.ts";

const matrix = experimentMatrix("quick").map(tiny);
const named = (id: string) => matrix.find((spec) => spec.id === id)!;
const names = (runs: readonly { readonly name: string }[]) => runs.map(({ name }) => name);

Deno.test("every run is planned once, after the run that it starts from", () =>
  withFolder(async (root) => {
    const wanted = [
      "mnist-to-svhn-probe",
      "mnist-to-svhn-finetune",
      "svhn-baseline",
      "mnist-train",
    ];
    const specs = wanted.flatMap((id) => [0, 1].map((seed) => withSeed(named(id), seed)));
    const missing = await planRuns(specs, { root, matrix });
    assertEquals(
      names(missing).toSorted(),
      names(missing).filter((n, k, a) => a.indexOf(n) === k)
        .toSorted(),
    );
    assertEquals(missing.length, 8);
    for (const { encoder, name, directory, hash } of missing) {
      assertMatch(directory, new RegExp(`^data.runs.quick.${name}-${hash.slice(0, 8)}$`));
      if (encoder === null) continue;
      assertEquals(encoder.name, `mnist-train-s${name.at(-1)}`);
      assert(names(missing).indexOf(encoder.name) < names(missing).indexOf(name));
    }
  }));

Deno.test("a finished run is not planned; its weights are, where another needs them", () =>
  withFolder(async (root) => {
    const [encoder, probe] = [named("mnist-train"), named("mnist-to-svhn-probe")];
    const [planned] = await planRuns([encoder], { root, matrix });
    const { hash, directory } = planned!;
    const record = await inventRun(join(root, "elsewhere"), {
      id: encoder.id,

      hash,
    });
    await publishRecord(record, publishedPaths(root).records);
    assertEquals(await planRuns([encoder], { root, matrix }), []);
    assertEquals(names(await planRuns([probe], { root, matrix })), [
      "mnist-train-s0",
      "mnist-to-svhn-probe-s0",
    ]);

    await inventRun(join(root, directory), { id: encoder.id, hash });
    await Deno.writeTextFile(join(root, directory, "best.safetensors"), "");
    const [alone, ...rest] = await planRuns([encoder, probe], { root, matrix });
    assertEquals([alone!.name, rest.length], ["mnist-to-svhn-probe-s0", 0]);
    assertEquals(alone!.encoder, { name: "mnist-train-s0", directory });
  }));

Deno.test("what cannot be planned is told before anything is made", () =>
  withFolder(async (root) => {
    const lost = { ...named("svhn-baseline"), data: { source: "real", validationFraction: 0.1 } };
    await assertRejects(
      () => planRuns([lost as ReturnType<typeof named>], { root, dataDirectory: root }),
      Error,
      root,
    );
    await assertRejects(() => planRuns(undefined as never), TypeError, "specs");
  }));
