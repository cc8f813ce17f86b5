import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import * as Plot from "@observablehq/plot";
import type { Chart } from "./chart.ts";
import {
  type Embedding,
  embedFeatures,
  embedOptionNames,
  type EmbedOptions,
} from "./embed_features.ts";
import { chartOptionNames, type ChartOptions, figure } from "./figure.ts";
import type { LegendEntry } from "./_legend.ts";
import { classStyle, CONTEXT, INK, MOST_CLASS_STYLES } from "./_palette.ts";
import { HALF, type Panel, plotPanel, symbols, WIDE } from "./_panel.ts";
import {
  requireFinite,
  requireLabels,
  requireLength,
  requireNames,
  requireSome,
} from "./_require.ts";
import { requireParts } from "../arguments/require.ts";
import { thousands } from "../format/thousands.ts";

/** What the points are. */
export interface FeatureMapPoints {
  /** N class indices. */
  readonly labels: ArrayLike<number>;
  /** N domain indices (e.g. 0 = SVHN, 1 = MNIST): one panel a domain, on shared axes. */
  readonly domains?: ArrayLike<number>;
}

/** Features to lay out; a `Predictions` with features fits. */
export interface FeatureMapFeatures extends FeatureMapPoints {
  /** N x D, row-major. */
  readonly features: ArrayLike<number>;
}

/** Coordinates computed before, e.g. by {@linkcode embedFeatures}. */
export interface FeatureMapCoordinates extends FeatureMapPoints {
  /** N x 2, row-major. */
  readonly coordinates: ArrayLike<number>;
  /** How they were made; shown on the chart. */
  readonly method: string;
}

/** Options of {@linkcode featureMap}; seed and method apply to features only. */
export interface FeatureMapOptions extends ChartOptions, EmbedOptions {
  /** K names; default "0", "1", ... */
  readonly classNames?: readonly string[];
  /** Names of the domains; default "domain 0", ... */
  readonly domainNames?: readonly string[];
}

const optionNames: OptionNames<FeatureMapOptions> = {
  ...chartOptionNames,
  ...embedOptionNames,
  classNames: true,
  domainNames: true,
};

interface Point {
  readonly x: number;
  readonly y: number;
  readonly label: number;
  readonly domain: number;
}

function embeddingOf(
  input: FeatureMapFeatures | FeatureMapCoordinates,
  options: FeatureMapOptions,
): Pick<FeatureMapCoordinates, "coordinates" | "method"> {
  if ("coordinates" in input) return input;
  const n = input.labels.length;
  // Predictions may come without features: say so here, not three calls deeper.
  if (input.features === undefined || input.features.length % n !== 0) {
    throw new RangeError(
      `Expected features to hold N x D numbers for the ${n} labels but found ` +
        `${input.features?.length ?? "none; collect predictions with features: true"}`,
    );
  }
  const { seed, method } = options;
  return embedFeatures(input.features, n, input.features.length / n, {
    ...(seed === undefined ? {} : { seed }),
    ...(method === undefined ? {} : { method }),
  }) satisfies Embedding;
}

function maximum(values: ArrayLike<number>): number {
  return Array.from(values).reduce((largest, value) => Math.max(largest, value), 0);
}

// A square window, so that distances mean the same in both directions.
function window(points: readonly Point[]): { x: [number, number]; y: [number, number] } {
  const range = (pick: (point: Point) => number) => {
    let [low, high] = [Infinity, -Infinity];
    for (const point of points) {
      low = Math.min(low, pick(point));
      high = Math.max(high, pick(point));
    }
    return { middle: (low + high) / 2, half: (high - low) / 2 };
  };
  const [x, y] = [range((point) => point.x), range((point) => point.y)];
  const half = 1.04 * Math.max(x.half, y.half) || 1;
  return { x: [x.middle - half, x.middle + half], y: [y.middle - half, y.middle + half] };
}

interface MapPanel {
  readonly own: readonly Point[];
  readonly others: readonly Point[];
  readonly all: readonly Point[];
  readonly size: number;
  readonly title: string | undefined;
  readonly names: readonly string[];
  readonly axisName: string;
}

function mapPanel({ own, others, all, size, title, names, axisName }: MapPanel): Panel {
  const domain = window(all);
  const radius = (all.length > 1200 ? 2.6 : all.length > 300 ? 3.2 : 4.4) *
    (size > HALF ? 1 : 0.85);
  return plotPanel({
    width: size,
    height: size + 24,
    ...(title === undefined ? {} : { title }),
    marginTop: 1,
    marginLeft: 1,
    marginRight: 1,
    marginBottom: 25,
    x: { domain: domain.x, axis: null },
    y: { domain: domain.y, axis: null },
    marks: [
      Plot.frame({ stroke: CONTEXT }),
      symbols(others, { symbol: "circle", color: "#dcdcdc", radius: radius * 0.8, outline: 0 }),
      ...names.map((_, label) =>
        symbols(own.filter((point) => point.label === label), {
          ...classStyle(label),
          radius,
          outline: 0.3,
        })
      ),
      Plot.text([`${axisName} (both axes; no unit)`], {
        frameAnchor: "bottom",
        dy: 20,
        fontSize: 13,
        fill: INK,
      }),
    ],
  });
}

function check(
  input: FeatureMapFeatures | FeatureMapCoordinates,
  names: readonly string[],
  domainNames: readonly string[],
): void {
  requireNames("classNames", names);
  requireNames("domainNames", domainNames);
  requireLabels("labels", input.labels, names.length);
  const shown = new Set(Array.from(input.labels)).size;
  if (shown > MOST_CLASS_STYLES) {
    throw new RangeError(
      `Expected labels of at most ${MOST_CLASS_STYLES} classes, which colour and symbol tell apart, ` +
        `but found ${shown}: draw the points of fewer classes`,
    );
  }
  if (input.domains === undefined) return;
  requireLength("domains", input.domains.length, input.labels.length);
  requireLabels("domains", input.domains, domainNames.length);
}

/**
 * Features as points in the plane, coloured and shaped by class; with domains, one panel a domain
 * over the other's points in grey.
 *
 * @param input Labels with features (N x D; `Predictions` with features fit) or with coordinates
 * (N x 2) computed before and the name of their method.
 * @returns A chart that names the method. Distances in a UMAP say who is near whom, not how far.
 * @throws {RangeError} If there are no points, lengths differ, a number is not finite, a label has no
 * name, or there are more than 100 classes.
 * @example
 * ```ts
 * import { assertStringIncludes } from "@trusted-ai-lab/lab/assert";
 * const features = new Float32Array([0, 0, 1, 0.1, 0, 5, 1, 5]);
 * const chart = featureMap({ features, labels: [0, 0, 1, 1] }, { classNames: ["cat", "dog"] });
 * assertStringIncludes(chart.summary, "PCA");
 * ```
 */
export function featureMap(
  input: FeatureMapFeatures | FeatureMapCoordinates,
  options: FeatureMapOptions = {},
): Chart {
  requireKnownOptions("featureMap", options, optionNames);
  requireParts("input", input, "an object with labels", ["labels"]);
  const n = input.labels.length;
  requireSome("labels", n);
  const names = options.classNames ??
    Array.from({ length: maximum(input.labels) + 1 }, (_, label) => `${label}`);
  const domainNames = options.domainNames ??
    Array.from({ length: maximum(input.domains ?? []) + 1 }, (_, domain) => `domain ${domain}`);
  check(input, names, domainNames);
  const { coordinates, method } = embeddingOf(input, options);
  requireLength("coordinates", coordinates.length, 2 * n);
  requireFinite("coordinates", coordinates);

  const points = Array.from({ length: n }, (_, index): Point => ({
    x: coordinates[2 * index]!,
    y: coordinates[2 * index + 1]!,
    label: input.labels[index]!,
    domain: input.domains?.[index] ?? 0,
  }));
  const split = input.domains !== undefined;
  const axisName = method.split(/[ ,]/)[0]!;
  const panels = (split ? domainNames : [undefined]).map((name, domain) => {
    const own = points.filter((point) => !split || point.domain === domain);
    return mapPanel({
      own,
      others: points.filter((point) => split && point.domain !== domain),
      all: points,
      size: split ? HALF : WIDE,
      title: name === undefined ? undefined : `${name} (${thousands(own.length)})`,
      names,
      axisName,
    });
  });
  const present = new Set(Array.from(input.labels));
  const keys: LegendEntry[] = names.flatMap((label, index) =>
    present.has(index)
      ? [{ label, color: classStyle(index).color, symbol: classStyle(index).symbol }]
      : []
  );
  if (split) keys.push({ label: "the other domain", color: "#dcdcdc", symbol: "circle" });
  return figure({
    title: options.title ?? "Feature map",
    subtitle: options.subtitle,
    legend: keys,
    panels,
    columns: 2,
    notes: [`${thousands(n)} images. ${method}.`],
    summary: `${thousands(n)} images in ${present.size} classes` +
      (split ? ` from ${domainNames.join(" and ")}` : "") + `, laid out by ${method}`,
  });
}
