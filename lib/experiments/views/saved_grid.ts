/** The example grid of a finished run, as it was saved. */
import { join } from "node:path";
import { FileError } from "../../files/file_error.ts";
import { readBounded } from "../../files/read_bounded.ts";
import { type Chart, createChart } from "../../plots/chart.ts";
import type { RunRecord } from "../records/record.ts";
import { requireRun } from "../records/run_groups.ts";
import { checkoutRoot, publishedPaths, runName } from "../records/run_paths.ts";

/** Far larger than a grid. */
const MAX_BYTES = 2 ** 25;

/** A picture from disk goes into a page as it is: one that could act there is refused. */
function requireInert(svg: string, path: string): void {
  const active = /<script|<foreignObject|<iframe|\son\w+\s*=|javascript:|<!ENTITY/i.exec(svg);
  if (active === null) return;
  const place = `byte ${active.index}`;
  const message =
    `Cannot show ${path}: it holds "${active[0].trim()}" (at ${place}), which no chart of ` +
    `the lab does; delete it and make the run again`;
  throw new FileError(message, { path, place });
}

/**
 * The saved example grid of a run. A grid is drawn from images when the run is evaluated; it is read
 * from the run directory or, for a committed record, from the published figures.
 *
 * @throws {Error} If there is none, or it holds more than a picture.
 */
export async function gridChart(run: RunRecord, root: string = checkoutRoot()): Promise<Chart> {
  requireRun("run", run);
  const name = `${run.metrics.name}.grid.svg`;
  const places = [
    join(run.directory, name),
    join(publishedPaths(root).figures, `${runName(run)}.${name}`),
  ];
  for (const place of places) {
    const bytes = await readBounded(place, MAX_BYTES);
    if (bytes === undefined) continue;
    const svg = new TextDecoder().decode(bytes);
    requireInert(svg, place);
    const label = /aria-label="([^"]*)"/.exec(svg)?.[1] ?? `Example grid of ${run.id}`;
    return createChart(svg, label);
  }
  throw new Error(`No example grid of ${run.id}: looked for ${places.join(" and ")}`);
}
