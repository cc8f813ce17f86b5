/** One network's card: what it answers, its pictures and charts. */
import { epsilonText } from "../format/epsilon.ts";
import { percent, points } from "../format/percent.ts";
import { accuracyAt, type CurveChart, curveChart, type MapChart, mapChart } from "./_charts.ts";
import { drawChange, drawHeat, drawPixels, type ImageShape } from "./_pictures.ts";
import { type Answer, type OpenNetwork, probabilitiesOf } from "./_network.ts";

/** What a card shows. */
export interface CardContent {
  readonly clean: Answer;
  readonly cleanPixels: ArrayLike<number>;
  readonly attacked: Answer;
  readonly attackedPixels: ArrayLike<number>;
  readonly saliency: Float32Array;
  readonly temperature: number;
  /** Undefined for a picture without a known class. */
  readonly truth: number | undefined;
  readonly isFooled: boolean;
  readonly norm: "linf" | "l2";
  readonly epsilon: number;
}

/** A number with the true minus sign. */
const signedText = (value: number) => value.toFixed(1).replace("-", "−");

/** Finds an element that is known to be there. */
function find<T extends Element>(within: ParentNode, selector: string): T {
  return within.querySelector<T>(selector)!;
}

/** A card on the page. */
export class Card {
  readonly #root: HTMLElement;
  readonly #rows: HTMLTableRowElement[];
  readonly #map: MapChart;
  readonly #curve: CurveChart | undefined;

  /** @param parent Gets the card as its last child. */
  constructor(
    parent: HTMLElement,
    readonly network: OpenNetwork,
    readonly classNames: readonly string[],
    readonly shape: ImageShape,
    place: number,
  ) {
    const template = document.querySelector<HTMLTemplateElement>("#card")!;
    const fragment = template.content.cloneNode(true) as DocumentFragment;
    const root = this.#root = find<HTMLElement>(fragment, ".card");
    const heading = find<HTMLElement>(root, "h3");
    heading.textContent = network.name;
    heading.id = `network-${place}`;
    root.setAttribute("aria-labelledby", heading.id);
    find(root, ".scroll").setAttribute(
      "aria-label",
      `Confidences, network ${place + 1}: ${network.name}`,
    );
    find(root, ".origin").textContent = network.origin;
    const body = find<HTMLTableSectionElement>(root, "tbody");
    this.#rows = classNames.map((name) => makeRow(body, name));
    this.#map = mapChart(network.map, classNames);
    find(root, ".map div").append(this.#map.svg);
    if (network.curves === undefined) find(root, ".curve").remove();
    else {
      this.#curve = curveChart(network.curves.lines);
      find(root, ".curve div").append(this.#curve.svg);
    }
    parent.append(fragment);
  }

  /** Shows the picture on the way, before the network is asked again. */
  preview(from: ArrayLike<number>, to: ArrayLike<number>): void {
    drawChange(find(this.#root, ".change"), { from, to }, this.shape);
    drawPixels(find(this.#root, ".attacked"), to, this.shape);
  }

  /** Shows everything. */
  show(content: CardContent): void {
    this.#showVerdict(content);
    this.#showPictures(content);
    this.#showConfidences(content);
    this.#showCharts(content);
  }

  #name(label: number): string {
    return this.classNames[label]!;
  }

  #showVerdict({ clean, attacked, temperature, isFooled, truth, epsilon }: CardContent): void {
    const said = (answer: Answer) => {
      const confidence = probabilitiesOf(answer, temperature)[answer.label]!;
      return `${this.#name(answer.label)} ${percent(confidence, 0)}`;
    };
    find(this.#root, ".before").textContent = said(clean);
    find(this.#root, ".after").textContent = said(attacked);
    const badge = find<HTMLElement>(this.#root, ".badge");
    const wrongBefore = truth !== undefined && clean.label !== truth;
    const word = wrongBefore
      ? "wrong without an attack"
      : epsilon === 0
      ? "no attack"
      : isFooled
      ? "fooled"
      : "holds";
    badge.textContent = word;
    badge.dataset["state"] = wrongBefore || (isFooled && epsilon > 0) ? "bad" : "good";
  }

  #showPictures(
    { cleanPixels: from, attackedPixels: to, saliency, attacked, norm, epsilon }: CardContent,
  ): void {
    const canvas = (name: string) => find<HTMLCanvasElement>(this.#root, `canvas.${name}`);
    drawPixels(canvas("image"), from, this.shape);
    const factor = drawChange(canvas("change"), { from, to }, this.shape);
    drawPixels(canvas("attacked"), to, this.shape);
    drawHeat(canvas("saliency"), saliency, this.shape);
    const times = epsilon === 0 ? "no change" : `change × ${Math.round(factor)}`;
    find(this.#root, ".magnified").textContent = times;
    const budget = norm === "linf" ? epsilonText(epsilon) : epsilon.toFixed(2);
    const labels = {
      image: "The image",
      change: `The change of budget ${budget}, ${times}`,
      attacked: `The attacked image, answered ${this.#name(attacked.label)}`,
      saliency: `Saliency: pixels that move the score of ${this.#name(attacked.label)}`,
    };
    for (const [name, label] of Object.entries(labels)) {
      canvas(name).setAttribute("aria-label", label);
    }
  }

  #showConfidences({ clean, attacked, temperature, truth }: CardContent): void {
    const [before, after] = [
      probabilitiesOf(clean, temperature),
      probabilitiesOf(attacked, temperature),
    ];
    this.#rows.forEach((row, label) => {
      row.classList.toggle("truth", label === truth);
      row.classList.toggle("answer", label === attacked.label);
      find<HTMLElement>(row, ".clean-bar").style.width = `${100 * before[label]!}%`;
      find<HTMLElement>(row, ".attacked-bar").style.width = `${100 * after[label]!}%`;
      const [cleanCell, attackedCell, logit] = row.querySelectorAll("td.number");
      cleanCell!.textContent = points(before[label]!);
      attackedCell!.textContent = points(after[label]!);
      logit!.textContent = signedText(attacked.logits[label]!);
      find(row, ".sign").textContent = label === truth ? " ✓" : "";
    });
  }

  #showCharts({ clean, attacked, norm, epsilon }: CardContent): void {
    const { network } = this;
    const [from, to] = [network.place(clean.features), network.place(attacked.features)];
    this.#map.move(from, to);
    const names = to.neighbours.map((k) => this.#name(network.map.labels[k]!));
    const near = [...new Set(names)].map((name) =>
      `${names.filter((one) => one === name).length} ${name}`
    ).join(", ");
    const where = to.isFarAway ? "Far away from every stored image" : `Near ${near}`;
    find(this.#root, ".map figcaption").textContent = `Feature map (${
      network.map.method.split(",")[0]
    }): ○ clean, ★ attacked. ${where}.`;
    this.#map.svg.setAttribute("aria-label", `Place among the features: ${where.toLowerCase()}`);
    if (this.#curve === undefined) return;
    const { images, lines } = network.curves!;
    const here = norm === "linf" ? epsilon : undefined;
    this.#curve.move(here);
    const texts = here === undefined
      ? ["the curves are about L∞"]
      : lines.map((line) => `${line.title} ${percent(accuracyAt(line, here), 0)}`);
    const text = `Accuracy of this run on ${images} test images: ${texts.join(", ")}.`;
    find(this.#root, ".curve figcaption").textContent = here === undefined
      ? text
      : `${text} The line is your ε.`;
    this.#curve.svg.setAttribute("aria-label", text);
  }
}

function makeRow(body: HTMLTableSectionElement, name: string): HTMLTableRowElement {
  const row = body.insertRow();
  const head = document.createElement("th");
  head.scope = "row";
  const sign = document.createElement("span");
  sign.className = "sign";
  head.append(name, sign);
  row.append(head);
  const bars = row.insertCell();
  bars.className = "bars";
  bars.setAttribute("aria-hidden", "true");
  for (const kind of ["clean-bar", "attacked-bar"]) {
    const bar = document.createElement("div");
    bar.className = kind;
    bars.append(bar);
  }
  for (let k = 0; k < 3; k++) row.insertCell().className = "number";
  return row;
}
