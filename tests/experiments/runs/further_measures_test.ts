import { autoAttack } from "../../../lib/attacks/auto_attack.ts";
import { certify } from "../../../lib/attacks/certify.ts";
import { batches } from "../../../lib/data/batches.ts";
import { corrupt } from "../../../lib/data/corrupt.ts";
import { firstImages } from "../../../lib/data/first_images.ts";
import { splitDataset } from "../../../lib/data/split_dataset.ts";
import { loadDataset } from "../../../lib/data/load_dataset.ts";
import { runExperiment } from "../../../lib/experiments/run_experiment.ts";
import { unpackBits } from "../../../lib/experiments/records/complete_evaluation.ts";
import { loadRunModel } from "../../../lib/experiments/runs/evaluate_run.ts";
import { experimentMatrix, specById } from "../../../lib/experiments/specs/matrix.ts";
import { profileBudget } from "../../../lib/experiments/specs/profile_budget.ts";
import { profiles, type RunSpec } from "../../../lib/experiments/specs/run_spec.ts";
import { accuracy } from "../../../lib/metrics/accuracy.ts";
import { mahalanobisScores } from "../../../lib/metrics/mahalanobis_scores.ts";
import { collectPredictions } from "../../../lib/train/collect_predictions.ts";
import { monteCarloDropout } from "../../../lib/train/monte_carlo_dropout.ts";
import { assert, assertAlmostEquals, assertEquals } from "../../../lib/assert/mod.ts";
import { withFolder } from "../synthetic_run.ts";
import { tiny } from "../tiny_spec.ts";

function withEverything(spec: RunSpec): RunSpec {
  return {
    ...spec,
    model: { ...spec.model, dropout: 0.5 },
    train: { ...spec.train, noiseSigma: 0.1 },
    evaluation: {
      ...spec.evaluation,
      // Large, so that the first attack fools all that the model gets right: a short test.
      epsilon: 0.3,
      autoAttackImages: { seed0: 10, others: 3 },
      corruptionImages: 8,
      certifiedImages: 3,
      memberImages: 20,
      dropoutPasses: 4,
      outside: { datasets: ["svhn", "mnist"], images: 7 },
    },
  };
}

Deno.test("a run stores what a publication asks for, as the library's own functions give it", () =>
  withFolder(async (root) => {
    const spec = withEverything(tiny(specById("quick", "cifar-base")));
    const { record, directory } = await runExperiment(spec, { root });
    const model = await loadRunModel(directory, record.config);
    const limits = { source: "procedural", limit: 24 } as const;
    const test = await loadDataset("cifar10", "test", limits);
    const whole = await loadDataset("cifar10", "train", { ...limits, limit: 60 });
    const [train] = splitDataset(whole, 0.1, 0);
    const { metrics } = record;
    const content = await record.predictions();

    const [{ x, y }] = [...batches(firstImages(test, 10), { batchSize: 10 })] as [
      ReturnType<typeof batches> extends Iterable<infer B> ? B : never,
    ];
    const standing = autoAttack(model, x, y, { epsilon: 0.3, seed: 0 });
    const stored = metrics.strongAttacks.find(({ attack }) => attack === "autoattack")!;
    assertEquals(stored.n, 10);
    assertEquals([...unpackBits(stored.correct, 10)], [...standing.correct]);
    assertEquals(
      metrics.autoAttack,
      standing.byAttack.map(({ attack, attempted, fooled }) => ({ attack, attempted, fooled })),
    );

    const foggy = corrupt(firstImages(test, 8), { kind: "fog", severity: 3 });
    const answers = await collectPredictions(model, foggy);
    const fog = metrics.corruptions!.results.find(({ kind, severity }) =>
      kind === "fog" && severity === 3
    )!;
    assertEquals(metrics.corruptions!.results.length, 18 * 5);
    assertEquals(fog.correct / 8, accuracy(answers));

    const certified = certify(model, x, { sigma: 0.1 }).slice(0, 3);
    assertEquals(metrics.certificates!.predictions, certified.map(({ prediction }) => prediction));
    assertEquals(metrics.certificates!.radii, certified.map(({ radius }) => radius));

    const members = await collectPredictions(model, firstImages(train, 20));
    assertEquals(metrics.members?.n, 20);
    assertEquals([...content.members!.logits], [...members.logits]);

    const drawn = await monteCarloDropout(model, test, { passes: 4 });
    content.dropout!.probabilities.forEach((p, k) =>
      assertAlmostEquals(p, drawn.probabilities[k]!, 1e-6)
    );

    const fitted = await collectPredictions(model, train, { features: true });
    const inside = await collectPredictions(model, firstImages(test, 7), { features: true });
    mahalanobisScores(fitted, inside).forEach((score, k) =>
      assertAlmostEquals(content.novelty!.inside[k]! / score, 1, 1e-4)
    );
    assertEquals(content.novelty!.sets.map(({ name }) => name), ["svhn-test", "mnist-test"]);
    assertEquals(content.novelty!.sets.map(({ predictions: { length } }) => length), [7, 7]);
    assertEquals(metrics.outside?.map(({ n }) => n), [7, 7]);
    x.dispose();
    y.dispose();
    model.dispose();
  }));

Deno.test("a seed beside 0 sends fewer images through AutoAttack", () =>
  withFolder(async (root) => {
    const { outside: _, corruptionImages: __, ...evaluation } =
      withEverything(tiny(specById("quick", "cifar-base"))).evaluation;
    const spec = { ...tiny(specById("quick", "cifar-base", 1)), evaluation };
    const { metrics } = await runExperiment(spec, { root });
    assertEquals(metrics.strongAttacks.map(({ attack, n }) => [attack, n]), [["autoattack", 3]]);
    assertEquals(metrics.corruptions, undefined);
  }));

Deno.test("published profiles measure AutoAttack, corruptions and novelty; the quick one does not", () => {
  for (const profile of profiles) {
    const published = profile !== "quick";
    const specs = experimentMatrix(profile);
    for (const { dataset, evaluation } of specs) {
      assertEquals(evaluation.corruptionImages !== undefined, published);
      assertEquals(evaluation.outside?.datasets.includes(dataset), published ? false : undefined);
      assertEquals(
        evaluation.autoAttackImages,
        published && dataset === "cifar10" ? { seed0: 1000, others: 256 } : undefined,
      );
    }
    const alone = profileBudget(profile).evaluation.robustness; // of a checkpoint by itself
    assertEquals([alone.autoAttackImages, alone.corruptionImages], [undefined, undefined]);
    assertEquals(specs.some(({ id }) => id === "cifar-trades"), published);
  }
  const mnist = specById("standard", "mnist-train").evaluation.epsilons;
  assert([0.1, 0.2, 0.3].every((epsilon) => mnist.includes(epsilon)));
});
