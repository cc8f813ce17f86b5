import { openLab } from "../../../lib/experiments/lab_session.ts";
import { makeRuns } from "../../../lib/experiments/runs/make_runs.ts";
import type { VariantChanges } from "../../../lib/experiments/specs/variant.ts";
import { assertEquals, assertStringIncludes } from "../../../lib/assert/mod.ts";
import { withFolder } from "../synthetic_run.ts";
import { tiny } from "../tiny_spec.ts";

const quiet = { show() {}, keep() {}, stop() {} };
const noCharts = async () => {};

Deno.test("changing one number of a variant makes that run alone anew", () =>
  withFolder(async (root) => {
    const lab = openLab({ profile: "quick", seeds: [0], root });
    const made = async (...all: VariantChanges[]) => {
      const specs = all.map((changes) => {
        const { data, train, evaluation } = tiny(lab.variant("mnist-train", changes));
        const { transferTo: _, ...rest } = evaluation;
        const light = { attackImages: 0, iterationImages: 0, mapImages: 0, adaptBatchNorm: false };
        return lab.variant("mnist-train", {
          id: changes.id,
          data,
          train: { ...train, ...changes.train },
          evaluation: { ...rest, ...light, transferTo: null, ...changes.evaluation },
        });
      });
      const results = await makeRuns(specs, { root, line: quiet }, noCharts);
      return results.map(({ cached, record }) => ({ cached, record }));
    };
    const one = { id: "one", train: { epochs: 1 } };
    const two = { id: "two", train: { epochs: 1, learningRate: 0.05 } };
    const first = await made(one, two);
    assertEquals(first.map(({ cached }) => cached), [false, false]);
    const { metrics, config } = first[1]!.record;
    assertStringIncludes(metrics.provenance.variant!, "variant of mnist-train with");
    assertStringIncludes(metrics.provenance.variant!, "learningRate 0.05 instead of 0.02");
    assertEquals(config.spec.variant?.of, "mnist-train");
    const curves = await Deno.readTextFile(`${first[1]!.record.directory}/training_curves.svg`);
    assertStringIncludes(curves, "variant of mnist-train");

    const slower = { ...two, train: { ...two.train, learningRate: 0.04 } };
    const second = await made(one, slower, two);
    assertEquals(second.map(({ cached }) => cached), [true, false, true]);

    // Measured otherwise, it is trained no second time: epochs keep their seconds.
    const bins = { id: "bins", train: one.train, evaluation: { bins: 10 } };
    const [measured] = await made(bins);
    assertEquals(measured!.cached, false);
    assertEquals(measured!.record.metrics.bins, 10);
    assertEquals(measured!.record.history, first[0]!.record.history);
  }));
