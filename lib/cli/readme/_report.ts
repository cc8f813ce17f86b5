/** The tables of docs/report.md: the runs (Table I) and where each requirement is met (Table VI). */
import { requirements } from "../../experiments/report/coverage_matrix.ts";
import { experimentMatrix, rowOf } from "../../experiments/specs/matrix.ts";
import type { RunSpec } from "../../experiments/specs/run_spec.ts";
import { markdownTable } from "../../experiments/views/table.ts";

function trainingOf({ train, model, data, pretrained }: RunSpec): string {
  const { optimizer, learningRate, epochs, batchSize, adversarial, circle, noiseSigma } = train;
  return [
    `${
      optimizer === "sgd" ? "SGD" : "Adam"
    }, rate ${learningRate}, ${epochs} epochs of ${batchSize}`,
    ...(model.batchNorm ? [] : ["no batch norm"]),
    ...(model.stem === "cifar" ? ["3 x 3 stem"] : []),
    ...(model.dropout > 0 ? [`dropout ${model.dropout}`] : []),
    ...(train.labelSmoothing > 0 ? [`smoothing ${train.labelSmoothing}`] : []),
    ...(train.augment === "none" ? [] : [`augmentation "${train.augment}"`]),
    ...(adversarial
      ? [`${adversarial.attack.toUpperCase()} with p = ${adversarial.probability ?? 0.5}`]
      : []),
    ...(circle ? [`Circle Loss × ${circle.weight}`] : []),
    ...(noiseSigma ? [`noise σ = ${noiseSigma}`] : []),
    ...(train.freeze === undefined ? [] : ["last layer alone"]),
    ...(data.trainSubset === undefined ? [] : [`${data.trainSubset} images`]),
    ...(data.joint === undefined ? [] : [`with ${data.joint}'s images`]),
    ...(pretrained === undefined ? [] : ["pretrained"]),
  ].join(", ");
}

/** Table I: the runs of the standard profile. */
export function runsBlock(): string {
  const rows = experimentMatrix("standard").map((spec) => [
    `\`${spec.id}\``,
    spec.dataset,
    trainingOf(spec),
    rowOf(spec.id)?.baseline === undefined ? "–" : `\`${rowOf(spec.id)!.baseline}\``,
  ]);
  return markdownTable(["run", "trained on", "training", "compared with"], rows);
}

/** Table VI: where each requirement is met, and whether published runs show it. */
export function coverageBlock(): string {
  const link = (path: string) => `[${path.split("/").at(-1)}](../${path})`;
  const rows = requirements.map(({ requirement, status, code, notebook, section, evidence }) => [
    requirement,
    status,
    link(code),
    `${link(notebook)}: ${section}`,
    link(evidence),
  ]);
  return markdownTable(["requirement", "status", "code", "shown in", "evidence"], rows);
}
