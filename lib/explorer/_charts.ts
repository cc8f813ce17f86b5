/** Small drawings as SVG: the feature map and the robustness curves, with a mark that moves. */
import { classStyle, symbolPath } from "../plots/class_marks.ts";
import type { Curve, FeatureMap } from "./explorer_data.ts";
import type { Place } from "./feature_place.ts";

const SVG = "http://www.w3.org/2000/svg";

/** An SVG element with attributes. */
function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...inside: (Element | string)[]
): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...inside);
  return made;
}

/** Classes' black would vanish on a dark page. */
const shown = (color: string) => color === "#000000" ? "currentColor" : color;

const MAP = { width: 200, height: 170, margin: 10 };

const mapX = (x: number) => MAP.margin + x * (MAP.width - 2 * MAP.margin);
const mapY = (y: number) => MAP.height - MAP.margin - y * (MAP.height - 2 * MAP.margin);

/** A map whose marks move. */
export interface MapChart {
  readonly svg: SVGElement;
  move(clean: Place, attacked: Place): void;
}

/** Draws stored places, one colour and symbol a class, with a legend for those who hover. */
export function mapChart({ places, labels }: FeatureMap, classNames: readonly string[]): MapChart {
  const paths = classNames.map((name, label) => {
    const { color, symbol } = classStyle(label);
    const d = labels.map((own, k) =>
      own === label ? symbolPath(symbol, mapX(places[2 * k]!), mapY(places[2 * k + 1]!), 1.7) : ""
    ).join("");
    return element("path", { d, fill: shown(color), opacity: 0.55 }, element("title", {}, name));
  });
  const line = element("line", { class: "way" });
  const clean = element("circle", { r: 5, class: "clean-mark" }, element("title", {}, "clean"));
  const attacked = element(
    "path",
    { class: "attacked-mark" },
    element("title", {}, "under attack"),
  );
  const svg = element(
    "svg",
    { viewBox: `0 0 ${MAP.width} ${MAP.height}`, role: "img" },
    ...paths,
    line,
    clean,
    attacked,
  );
  return {
    svg,
    move(from, to) {
      const [x1, y1, x2, y2] = [mapX(from.x), mapY(from.y), mapX(to.x), mapY(to.y)];
      for (const [key, value] of Object.entries({ x1, y1, x2, y2 })) {
        line.setAttribute(key, String(value));
      }
      clean.setAttribute("cx", String(x1));
      clean.setAttribute("cy", String(y1));
      attacked.setAttribute("d", symbolPath("star", x2, y2, 6));
    },
  };
}

const CURVE = { width: 200, height: 170, left: 40, right: 10, top: 8, bottom: 32 };
const DASHES = ["none", "7 4", "2 3", "9 3 2 3"];

/** Curves of accuracy over budgets with a mark that moves. */
export interface CurveChart {
  readonly svg: SVGElement;
  /** @param epsilon In pixel units; undefined where the curves are about another norm. */
  move(epsilon: number | undefined): void;
}

/** Draws a run's robustness curves. */
export function curveChart(lines: readonly Curve[]): CurveChart {
  const largest = Math.max(...lines.flatMap(({ points }) => points.map(({ epsilon }) => epsilon)));
  // Square roots: budgets double from one to the next.
  const x = (epsilon: number) =>
    CURVE.left +
    Math.sqrt(Math.min(epsilon / largest, 1)) * (CURVE.width - CURVE.left - CURVE.right);
  const y = (accuracy: number) =>
    CURVE.top + (1 - accuracy) * (CURVE.height - CURVE.top - CURVE.bottom);
  const budgets = lines[0]!.points.map(({ epsilon }) => epsilon);
  const text = (place: Record<string, number | string>, content: string) =>
    element("text", { class: "tick", ...place }, content);
  const ticks = [
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((accuracy) => [
      element("line", {
        class: "grid",
        x1: CURVE.left,
        x2: CURVE.width - CURVE.right,
        y1: y(accuracy),
        y2: y(accuracy),
      }),
      text(
        { x: CURVE.left - 4, y: y(accuracy) + 3, "text-anchor": "end" },
        `${100 * accuracy} %`,
      ),
    ]),
    ...budgets.map((epsilon) =>
      text(
        { x: x(epsilon), y: CURVE.height - CURVE.bottom + 12, "text-anchor": "middle" },
        String(Math.round(epsilon * 2550) / 10),
      )
    ),
    text(
      { x: (CURVE.left + CURVE.width) / 2, y: CURVE.height - 5, "text-anchor": "middle" },
      "ε × 255 (L∞)",
    ),
  ];
  const drawn = lines.flatMap(({ title, points }, k) => {
    const { color } = classStyle(k);
    const d = points.map(({ epsilon, accuracy }, i) =>
      `${i === 0 ? "M" : "L"}${x(epsilon).toFixed(1)},${y(accuracy).toFixed(1)}`
    ).join("");
    const path = element("path", {
      d,
      fill: "none",
      stroke: shown(color),
      "stroke-width": 2,
      "stroke-dasharray": DASHES[k % DASHES.length]!,
    }, element("title", {}, title));
    const symbols = points.map(({ epsilon, accuracy }) =>
      symbolPath(classStyle(k).symbol, x(epsilon), y(accuracy), 2.2)
    );
    return [path, element("path", { d: symbols.join(""), fill: shown(color) })];
  });
  const mark = element("line", { class: "mark", y1: CURVE.top, y2: CURVE.height - CURVE.bottom });
  const svg = element(
    "svg",
    { viewBox: `0 0 ${CURVE.width} ${CURVE.height}`, role: "img" },
    ...ticks,
    mark,
    ...drawn,
  );
  return {
    svg,
    move(epsilon) {
      mark.setAttribute("visibility", epsilon === undefined ? "hidden" : "visible");
      for (const key of ["x1", "x2"]) mark.setAttribute(key, String(x(epsilon ?? 0)));
    },
  };
}

/** The accuracy of a curve at a budget, between its points on a straight line. */
export function accuracyAt({ points }: Curve, epsilon: number): number {
  const after = points.findIndex((point) => point.epsilon >= epsilon);
  if (after <= 0) return points.at(after)!.accuracy;
  const [low, high] = [points[after - 1]!, points[after]!];
  const share = (epsilon - low.epsilon) / (high.epsilon - low.epsilon);
  return low.accuracy * (1 - share) + high.accuracy * share;
}
