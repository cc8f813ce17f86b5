/**
 * The attacks, a row each. The rows hold plain facts, so that charts and settings can read them; an
 * attack itself is loaded when a sweep asks for it.
 */
import type { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import type { ApgdLoss } from "./_apgd_loss.ts";
import type { Norm } from "./_requirements.ts";

/** What a sweep passes to an attack. */
export interface SweepSettings {
  readonly epsilon: number;
  /** Absent: linf. Set only for attacks that have another. */
  readonly norm?: Norm;
  readonly seed: number;
  /** The images' places in their data set, which key their draws. */
  readonly positions: ArrayLike<number>;
  /** Set for attacks whose effort counts steps. */
  readonly steps?: number;
  /** Set for attacks whose effort counts queries. */
  readonly queries?: number;
  /** Set for attacks that have random starts. */
  readonly restarts?: number;
  readonly apgdLoss: ApgdLoss;
}

/** An attack on one batch; it returns the perturbed images, or whether it fools the model on each. */
export type Attack = (
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  settings: SweepSettings,
) => tf.Tensor4D | boolean[];

/** One attack. */
interface AttackRow {
  /** As papers write it. */
  readonly title: string;
  /** Place of its colour, symbol and dash among the series styles: the same on every chart. */
  readonly style: number;
  /** What its strength counts, and how many by default in a sweep. */
  readonly effort?: { readonly unit: "steps" | "queries"; readonly count: number };
  /**
   * How runs use it: at every budget ("sweep"), or on fewer images at the budget that tables name
   * ("strong"). Runs do not use the others.
   */
  readonly use?: "sweep" | "strong";
  /** Norms of the budget that it has. Default linf alone. */
  readonly norms?: readonly Norm[];
  /** `true`: it has independent random starts, of which a sweep may ask for several. */
  readonly restarts?: true;
  /** The least number of classes that its loss is defined for. Default 2. */
  readonly leastClasses?: number;
  /** Absent: the images are left alone. */
  readonly load?: () => Promise<Attack>;
}

async function apgdOn(loss?: ApgdLoss): Promise<Attack> {
  const { fooledByApgd } = await import("./_fooled_by_apgd.ts");
  return (model, x, y, { apgdLoss, ...settings }) =>
    fooledByApgd(model, x, y, { ...settings, loss: loss ?? apgdLoss });
}

const BOTH_NORMS = ["linf", "l2"] as const;
const apgdEffort = { unit: "steps", count: 100 } as const;

/** All attacks by name, in the order of tables. */
export const attacks = {
  clean: { title: "clean", style: 5, norms: BOTH_NORMS },
  noise: {
    title: "noise",
    style: 4,
    norms: BOTH_NORMS,
    use: "sweep",
    load: async () => {
      const { randomNoise } = await import("./noise.ts");
      return (_model, x, _y, { apgdLoss: _, ...settings }) => randomNoise(x, settings);
    },
  },
  fgsm: {
    title: "FGSM",
    style: 0,
    norms: BOTH_NORMS,
    use: "sweep",
    load: async () => {
      const { fgsm } = await import("./fgsm.ts");
      return (model, x, y, { epsilon, norm }) => fgsm(model, x, y, { epsilon, norm });
    },
  },
  pgd: {
    title: "PGD",
    style: 1,
    norms: BOTH_NORMS,
    restarts: true,
    effort: { unit: "steps", count: 20 },
    use: "sweep",
    load: async () => {
      const { pgd } = await import("./pgd.ts");
      return (model, x, y, { apgdLoss: _, ...settings }) => pgd(model, x, y, settings);
    },
  },
  apgd: {
    title: "APGD",
    style: 2,
    effort: apgdEffort,
    norms: BOTH_NORMS,
    restarts: true,
    load: () => apgdOn(),
  },
  "apgd-ce": {
    title: "APGD-CE",
    style: 2,
    norms: BOTH_NORMS,
    restarts: true,
    effort: apgdEffort,
    use: "strong",
    load: () => apgdOn("ce"),
  },
  "apgd-dlr": {
    title: "APGD-DLR",
    style: 3,
    norms: BOTH_NORMS,
    restarts: true,
    leastClasses: 3, // it divides by the gap to the third largest logit
    effort: apgdEffort,
    use: "strong",
    load: () => apgdOn("dlr"),
  },
  fab: {
    title: "FAB",
    style: 7,
    norms: BOTH_NORMS,
    restarts: true,
    effort: { unit: "steps", count: 100 },
    load: async () => {
      const { fabWithin } = await import("./fab.ts");
      return (model, x, y, { apgdLoss: _, ...settings }) =>
        fabWithin(model, x, y, settings, settings.epsilon);
    },
  },
  square: {
    title: "Square",
    style: 6,
    effort: { unit: "queries", count: 1000 },
    use: "strong",
    load: async () => {
      const { square } = await import("./square.ts");
      return (model, x, y, { apgdLoss: _, ...settings }) => square(model, x, y, settings);
    },
  },
  autoattack: {
    title: "AutoAttack",
    style: 8,
    load: async () => {
      const { autoAttack } = await import("./auto_attack.ts");
      return (model, x, y, { epsilon, seed, positions }) => {
        const { adversarial, correct } = autoAttack(model, x, y, { epsilon, seed, positions });
        adversarial.dispose();
        return Array.from(correct, (right) => right === 0);
      };
    },
  },
} as const satisfies Record<string, AttackRow>;

/** @internal */
type Attacks = typeof attacks;
/** What can be swept; "clean" leaves the images alone, "apgd" takes its loss from an option. */
export type AttackName = keyof Attacks;

/** All names, for checks and command lines. */
export const attackNames = Object.keys(attacks) as AttackName[];

/** The attack's row. */
export function attackRow(name: AttackName): AttackRow {
  return attacks[name];
}

/** The attacks that runs use in one way, in the order of tables. */
export function attacksOfUse(use: "sweep" | "strong"): AttackName[] {
  return attackNames.filter((name) => attackRow(name).use === use);
}
