/** Table I: the exact command that makes each run. */
import type { RunRecord } from "../records/record.ts";
import { buildTable, type Table } from "../views/table.ts";

/** The command that makes a run again, with the data it was made from. */
export function commandOf({ id, seed, config }: RunRecord): string {
  const data = config.source === "procedural" ? "" : " --data DIR";
  const seeds = seed === 0 ? "" : ` --seeds ${seed}`;
  return `deno task matrix --profile ${config.profile}${data} --only ${id}${seeds}`;
}

function changeOf({ config: { spec, encoder } }: RunRecord): string {
  const { train, model } = spec;
  const parts = [
    `${train.optimizer} ${train.learningRate}`,
    `${train.epochs} epochs`,
    ...(model.batchNorm ? [] : ["no batch norm"]),
    ...(model.dropout === 0 ? [] : [`dropout ${model.dropout}`]),
    ...(train.labelSmoothing === 0 ? [] : [`label smoothing ${train.labelSmoothing}`]),
    ...(train.augment === "none" ? [] : [`augmentation ${train.augment}`]),
    ...(train.adversarial === undefined
      ? []
      : [`${train.adversarial.attack} training, p ${train.adversarial.probability ?? 0.5}`]),
    ...(train.circle === undefined ? [] : [`Circle Loss × ${train.circle.weight}`]),
    ...(train.freeze === undefined ? [] : ["frozen convolutions"]),
    ...(encoder === null ? [] : [encoder.description]),
  ];
  return parts.join(", ");
}

/** Table I: run, what it is, and the command that makes it. */
export function commandTable(runs: readonly RunRecord[]): Table {
  const unique = runs.filter((run, k) =>
    runs.findIndex((other) => other.id === run.id && other.seed === run.seed) === k
  );
  return buildTable("Each run and the command that makes it; DIR holds the images.", [
    { key: "run", title: "Run", kind: "text", value: ({ id }) => id },
    { key: "seed", title: "Seed", kind: "count", value: ({ seed }) => seed },
    { key: "data", title: "Trained on", kind: "text", value: ({ config }) => config.description },
    { key: "settings", title: "Settings", kind: "text", value: changeOf },
    { key: "command", title: "Command", kind: "text", value: commandOf },
  ], unique.map((run) => [run]));
}
