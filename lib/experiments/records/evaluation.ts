/** What is measured on a trained model: the content of `<name>.metrics.json`. */
import type { DataIdentity } from "../../train/run_directory.ts";
import type { DatasetName, DatasetSource, Split } from "../../data/dataset.ts";

/** A proportion with its 95 % Wilson interval. */
export interface Proportion {
  readonly accuracy: number;
  readonly n: number;
  readonly low: number;
  readonly high: number;
}

/** Accuracy under one attack at one budget, on the first n images. */
export interface AttackResult extends Proportion {
  /** A name of lib/attacks/registry.ts. */
  readonly attack: string;
  /** L-infinity budget in pixel units. */
  readonly epsilon: number;
  /** Iterations, or queries of the black-box attack; null where the attack has none. */
  readonly steps: number | null;
  /** Which of the n images stayed right: one bit an image, lowest first, as hexadecimal bytes. */
  readonly correct: string;
}

/** The share of images that stay right under every attack that was run at one budget. */
export interface WorstCase extends Proportion {
  readonly epsilon: number;
  readonly attacks: readonly string[];
}

/** One sanity check against gradient masking. */
export interface MaskingCheck {
  readonly name: string;
  readonly passed: boolean;
  readonly detail: string;
}

/** Calibration before and after dividing the logits by a temperature. */
export interface TemperatureResult {
  readonly temperature: number;
  /** The split it was fitted on; never the test split. */
  readonly fittedOn: string;
  readonly fittedImages: number;
  readonly ece: number;
  readonly brier: number;
  readonly nll: number;
  readonly aurc: number;
}

/** Geometry of the features of the evaluated images. */
export interface Representation {
  readonly n: number;
  readonly silhouette: number | null;
  readonly knnConsistency: number | null;
  /** Mean angles, in degrees, of features to their own and to the other classes' centroids. */
  readonly withinAngle: number | null;
  readonly betweenAngle: number | null;
}

/** How far the domain of the evaluated images is from the training domain. */
export interface DomainGap {
  readonly sourceName: string;
  readonly sourceRisk: number;
  readonly targetRisk: number;
  /** 2 (1 - 2 err) of a linear classifier that tells the domains' features apart. */
  readonly proxyADistance: number;
  readonly sourceImages: number;
  readonly targetImages: number;
}

/** Accuracy after batch norm's statistics were re-estimated on the target's images (AdaBN). */
export interface AdaptedResult extends Proportion {
  readonly ece: number;
  readonly nll: number;
}

/** Calibration of the answers to attacked images. */
export interface AttackedResult extends Proportion {
  readonly attack: string;
  readonly epsilon: number;
  readonly steps: number;
  readonly ece: number;
  readonly brier: number;
  readonly nll: number;
  readonly aurc: number;
  /** Geometry of the attacked images' features. */
  readonly representation: Representation;
}

/** A two-dimensional map of features; its coordinates lie in the predictions file. */
export interface MapDescription {
  readonly method: string;
  readonly n: number;
}

/** How and where a number was made. */
export interface Provenance {
  readonly hash: string;
  readonly trainedOn: string;
  /** The evaluated images as loaded, with their checksum; older records have it in config.json alone. */
  readonly data?: DataIdentity | undefined;
  /** Version of the code's numbers; older records have it in config.json alone. */
  readonly numericsVersion?: number | undefined;
  readonly commit: string | null;
  readonly versions: Readonly<Record<string, string>>;
  readonly hardware: string;
  readonly finished: string;
  readonly evaluationSeconds: number;
}

/** The content of `<name>.metrics.json`. Accuracies are fractions; NaN is null. */
export interface Evaluation {
  readonly schema: 1;
  readonly name: string;
  readonly run: string;
  readonly dataset: DatasetName;
  readonly split: Split;
  readonly source: DatasetSource;
  /** The dataset in words, with the split used. */
  readonly description: string;
  readonly classNames: readonly string[];
  readonly n: number;
  readonly seed: number;
  readonly accuracy: number;
  readonly accuracyInterval: { readonly low: number; readonly high: number };
  readonly bins: number;
  readonly ece: number;
  readonly eceMass: number;
  readonly maximumCalibrationError: number;
  readonly classwiseEce: number;
  readonly brier: number;
  readonly nll: number;
  readonly aurc: number;
  readonly excessAurc: number;
  readonly selectiveAccuracy80: number;
  readonly selectiveAccuracy90: number;
  readonly perClassAccuracy: readonly (number | null)[];
  readonly confusion: readonly (readonly number[])[];
  readonly temperatureScaling: TemperatureResult | null;
  readonly representation: Representation | null;
  /** Mean L2 norm of the loss's gradient in the pixels. */
  readonly inputGradientNorm: number | null;
  /** The budget named in tables, in pixel units. */
  readonly epsilon: number;
  readonly robustnessSweep: readonly AttackResult[];
  readonly strongAttacks: readonly AttackResult[];
  readonly worstCase: readonly WorstCase[];
  readonly pgdIterationSweep: readonly AttackResult[];
  readonly maskingChecks: readonly MaskingCheck[];
  readonly underAttack: AttackedResult | null;
  readonly map: MapDescription | null;
  /** Clean and attacked images in one map. */
  readonly attackedMap: MapDescription | null;
  readonly domain: DomainGap | null;
  readonly domainMap: MapDescription | null;
  readonly adapted: AdaptedResult | null;
  readonly provenance: Provenance;
}

/** JSON of an evaluation; NaN and infinities become null. */
export function evaluationToJson(evaluation: Evaluation): string {
  return JSON.stringify(evaluation, null, 1) + "\n";
}

/**
 * Packs per-image results, one bit an image.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const correct = Uint8Array.of(1, 0, 1, 1, 0, 0, 0, 0, 1);
 * assertEquals(packBits(correct), "0d01");
 * assertEquals(unpackBits("0d01", 9), correct);
 * ```
 */
export function packBits(correct: ArrayLike<number>): string {
  const bytes = new Uint8Array(Math.ceil(correct.length / 8));
  for (let i = 0; i < correct.length; i++) {
    if (correct[i]) bytes[i >> 3]! |= 1 << (i & 7);
  }
  return bytes.toHex();
}

/** Unpacks what {@linkcode packBits} packed: n times 0 or 1. */
export function unpackBits(packed: string, n: number): Uint8Array {
  const bytes = Uint8Array.fromHex(packed);
  if (bytes.length !== Math.ceil(n / 8)) {
    throw new RangeError(
      `Expected packed to hold ${n} bits in ${Math.ceil(n / 8)} bytes but found ${bytes.length}`,
    );
  }
  return Uint8Array.from({ length: n }, (_, i) => (bytes[i >> 3]! >> (i & 7)) & 1);
}
