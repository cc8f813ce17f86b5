/** Where a chart's texts are, so that tests can tell whether labels overlap or leave the figure. */
import { DOMParser } from "linkedom";
import { textWidth } from "../../lib/plots/_text.ts";

export interface TextBox {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface Inherited {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly anchor: string;
  readonly bold: boolean;
}

const length = (value: string | null, size: number) =>
  value === null ? 0 : value.endsWith("em") ? parseFloat(value) * size : parseFloat(value);

function inherit(element: Element, above: Inherited): Inherited | undefined {
  const transform = element.getAttribute("transform") ?? "";
  if (transform.includes("rotate")) return undefined; // slanted labels are looked at, not computed
  const [, dx = "0", dy = "0"] = /translate\(([-\d.e]+),([-\d.e]+)\)/.exec(transform) ?? [];
  return {
    x: above.x + Number(dx),
    y: above.y + Number(dy),
    size: Number(element.getAttribute("font-size") ?? above.size),
    anchor: element.getAttribute("text-anchor") ?? above.anchor,
    bold: (element.getAttribute("font-weight") ?? (above.bold ? "bold" : "")) === "bold",
  };
}

function boxesOf(element: Element, place: Inherited): TextBox[] {
  const lines = element.children.length > 0
    ? Array.from(element.children).map((span) => ({ of: span, text: span.textContent ?? "" }))
    : [{ of: element, text: element.textContent ?? "" }];
  let y = place.y + length(element.getAttribute("y"), place.size);
  return lines.map(({ of, text }) => {
    if (of !== element) {
      y = of.hasAttribute("y")
        ? place.y + length(of.getAttribute("y"), place.size)
        : y + length(of.getAttribute("dy"), place.size);
    }
    const wide = textWidth(text, place.size, place.bold);
    const x = place.x + length(element.getAttribute("x"), place.size);
    const left = place.anchor === "end" ? x - wide : place.anchor === "middle" ? x - wide / 2 : x;
    return {
      text,
      left,
      right: left + wide,
      top: y - 0.73 * place.size,
      bottom: y + 0.1 * place.size,
    };
  });
}

function walk(element: Element, above: Inherited): TextBox[] {
  const place = inherit(element, above);
  if (place === undefined) return [];
  if (element.tagName.toLowerCase() === "text") return boxesOf(element, place);
  return Array.from(element.children).flatMap((child) => walk(child, place));
}

/** The boxes of all texts but slanted ones, and the figure's size. */
export function textBoxes(svg: string): { boxes: TextBox[]; width: number; height: number } {
  const root = new DOMParser().parseFromString(svg, "image/svg+xml")
    .documentElement as unknown as Element;
  const start = { x: 0, y: 0, size: 14, anchor: "start", bold: false };
  return {
    boxes: walk(root, start).filter((box) => box.text.trim() !== ""),
    width: Number(root.getAttribute("width")),
    height: Number(root.getAttribute("height")),
  };
}

/** Pairs of texts that cover each other. */
export function overlaps(boxes: readonly TextBox[]): string[] {
  return boxes.flatMap((a, index) =>
    boxes.slice(index + 1)
      .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      .map((b) => `"${a.text}" and "${b.text}"`)
  );
}
