import type * as Plot from "@observablehq/plot";
import type { SeriesStyle } from "./_palette.ts";

/** A point with the ends of its interval, in axis units. */
export interface IntervalPoint {
  readonly x: number;
  readonly low: number;
  readonly high: number;
}

const CAP = 4;
/** Pixels between the whiskers of neighbouring curves. */
const STEP = 5;

/**
 * The interval of a curve that has only one point, as a whisker: a band needs two.
 *
 * @param index The curve's place among the curves of the panel; their whiskers stand side by side.
 */
export function loneInterval(
  points: readonly IntervalPoint[],
  { color }: SeriesStyle,
  index: number,
): Plot.RenderFunction[] {
  const [point] = points;
  if (point === undefined || points.length > 1) return [];
  const aside = STEP * Math.ceil(index / 2) * (index % 2 === 0 ? 1 : -1);
  return [(_index, scales, _values, _dimensions, context) => {
    const { x, y } = scales as unknown as Record<"x" | "y", (value: number) => number>;
    const [middle, low, high] = [x(point.x) + aside, y(point.low), y(point.high)];
    const path = context.document.createElementNS("http://www.w3.org/2000/svg", "path");
    const cap = (at: number) => `M${middle - CAP},${at}h${2 * CAP}`;
    path.setAttribute("d", `${cap(low)}${cap(high)}M${middle},${low}V${high}`);
    path.setAttribute("stroke", color);
    path.setAttribute("stroke-width", "1.8");
    return path as SVGElement;
  }];
}
