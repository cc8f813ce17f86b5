import type { Representation } from "../records/schema.ts";
import type { RunRecord } from "../records/record.ts";
import { alignSeeds, describeRuns, groupBySeed, requireRuns } from "../records/run_groups.ts";
import type { Column, Table } from "./table.ts";
import { runTable } from "./run_table.ts";

interface Geometry {
  readonly run: RunRecord;
  readonly images: string;
  readonly geometry: Representation | null;
}

function measured(
  key: string,
  title: string,
  digits: number,
  figure: (geometry: Representation) => number | null,
): Column<Geometry> {
  return {
    key,
    title,
    kind: "number",
    digits,
    value: ({ geometry }) => geometry && figure(geometry),
  };
}

const columns: readonly Column<Geometry>[] = [
  { key: "run", title: "Run", kind: "text", value: ({ run }) => run.id },
  { key: "images", title: "Images", kind: "text", value: ({ images }) => images },
  { key: "n", title: "n", kind: "count", value: ({ geometry }) => geometry?.n },
  { ...measured("silhouette", "Silhouette", 3, ({ silhouette }) => silhouette), compared: true },
  measured("knn_consistency", "k-NN consistency", 3, ({ knnConsistency }) => knnConsistency),
  measured("within_angle", "Within ∠ °", 1, ({ withinAngle }) => withinAngle),
  measured("between_angle", "Between ∠ °", 1, ({ betweenAngle }) => betweenAngle),
  {
    key: "accuracy",
    title: "Accuracy %",
    kind: "percent",
    value: ({ run, images }) =>
      images === "clean" ? run.metrics.accuracy : run.metrics.underAttack?.accuracy,
  },
  {
    key: "nll",
    title: "NLL",
    kind: "number",
    value: ({ run, images }) => images === "clean" ? run.metrics.nll : run.metrics.underAttack?.nll,
  },
];

/** A run's features, of clean images and of attacked ones. */
function geometriesOf(run: RunRecord): Geometry[] {
  const { representation, underAttack } = run.metrics;
  const clean = { run, images: "clean", geometry: representation };
  if (underAttack === null) return [clean];
  const images = `${underAttack.attack.toUpperCase()}-${underAttack.steps}`;
  return [clean, { run, images, geometry: underAttack.representation }];
}

/**
 * The geometry of the features beside accuracy and loss, on clean and on attacked images: is a
 * model robust because its classes lie apart, or only because it fits little?
 *
 * @param runs Of one profile; several seeds of an id become mean ± sd.
 * @throws {RangeError} If there is no run, or profiles or kinds of data are mixed.
 */
export function representationTable(runs: readonly RunRecord[]): Table {
  requireRuns("runs", runs);
  const groups = groupBySeed(runs).flatMap((seeds) =>
    alignSeeds(seeds.map(geometriesOf), ({ images }) => images)
  );
  const caption = "Geometry of the 512 features, cosine similarity. ";
  return runTable(caption + describeRuns(runs), columns, groups, {
    run: ({ run }) => run,
    condition: ({ images }) => images,
  });
}
