/** The sliders and switches: what they say and what they mean. */
import { epsilonText } from "../format/epsilon.ts";
import type { AttackChoice } from "./_attack.ts";

/** What the reader set. */
export interface Settings extends Omit<AttackChoice, "label"> {
  readonly temperature: number;
  /** The network whose gradient is followed; undefined: each its own. */
  readonly knows: number | undefined;
}

const byId = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const checked = (name: string) =>
  document.querySelector<HTMLInputElement>(`input[name="${name}"]:checked`)!.value;
const number = (id: string) => Number(byId<HTMLInputElement>(id).value);

/** Length of one step of the slider, in pixel units. */
const UNIT = { linf: 0.5 / 255, l2: 0.05 } as const;

/** A budget as the page writes it. */
export function budgetText(epsilon: number, norm: "linf" | "l2"): string {
  return norm === "linf" ? epsilonText(epsilon) : epsilon.toFixed(2);
}

/** The temperature of a slider's place: 0 is 1, each 10 steps double it. */
const temperatureOf = (place: number) => 2 ** (place / 10);

/** An option whose empty value stands for none. */
const chosen = (id: string) => {
  const { value } = byId<HTMLSelectElement>(id);
  return value === "" ? undefined : Number(value);
};

/** Reads all of them and writes their values beside them. */
export function readSettings(seed: number): Settings {
  const norm = checked("norm") as Settings["norm"];
  const attack = checked("attack") as Settings["attack"];
  const settings = {
    attack,
    norm,
    epsilon: Number((number("epsilon") * UNIT[norm]).toPrecision(12)),
    steps: number("steps"),
    seed,
    target: attack === "noise" ? undefined : chosen("target"),
    temperature: temperatureOf(number("temperature")),
    knows: attack === "noise" ? undefined : chosen("knows"),
  };
  byId("epsilon-out").textContent = budgetText(settings.epsilon, norm);
  byId("steps-out").textContent = String(settings.steps);
  byId("temperature-out").textContent = settings.temperature.toFixed(2);
  byId<HTMLInputElement>("temperature").setAttribute(
    "aria-valuetext",
    settings.temperature.toFixed(2),
  );
  byId<HTMLInputElement>("steps").disabled = attack !== "pgd";
  for (const id of ["target", "knows"]) {
    byId<HTMLSelectElement>(id).disabled = attack === "noise";
  }
  return settings;
}

/** Moves the slider to a budget, or the next larger place that it has. */
export function setBudget(epsilon: number, norm: "linf" | "l2"): void {
  const slider = byId<HTMLInputElement>("epsilon");
  slider.value = String(Math.min(Math.ceil(epsilon / UNIT[norm] - 1e-9), Number(slider.max)));
}

/** Tells a screen reader what the slider's place leads to. */
export function describeBudget(settings: Settings, answers: string): void {
  byId("epsilon").setAttribute(
    "aria-valuetext",
    `epsilon ${budgetText(settings.epsilon, settings.norm)}, ${answers}`,
  );
}

/** Adds a choice. */
function addOption(id: string, value: string, text: string): void {
  byId<HTMLSelectElement>(id).append(new Option(text, value));
}

/** Fills the lists and reports each change. */
export function prepareControls(
  { classNames, networks }: {
    readonly classNames: readonly string[];
    readonly networks: readonly string[];
  },
  onChange: () => void,
): void {
  addOption("target", "", "any other answer");
  classNames.forEach((name, k) => addOption("target", String(k), name));
  addOption("knows", "", networks.length > 1 ? "each network itself" : "the network");
  if (networks.length > 1) {
    networks.forEach((name, k) => addOption("knows", String(k), `${name}, for both`));
  }
  for (const input of document.querySelectorAll("#attack input, #attack select")) {
    input.addEventListener("input", onChange);
  }
}
