/** Values of command-line flags: each error is one clear sentence. */
import { InvalidArgumentError } from "commander";

/** A number or a fraction; NaN if it is none. */
function fractionOf(text: string): number {
  const match = /^\s*(\d*\.?\d+(?:e[+-]?\d+)?)\s*(?:\/\s*(\d+(?:\.\d+)?))?\s*$/i.exec(text);
  return match === null ? NaN : Number(match[1]) / Number(match[2] ?? 1);
}

/**
 * Reads a number >= 0, also as a fraction like "128/255".
 *
 * @throws {InvalidArgumentError} If it is none.
 */
export function parseBudget(text: string): number {
  const value = fractionOf(text);
  if (Number.isFinite(value)) return value;
  throw new InvalidArgumentError(
    `Expected a number such as 0.5 or a fraction such as 8/255 but found "${text}".`,
  );
}

/**
 * Reads a number in [0, 1], also as a fraction of pixel steps like "8/255".
 *
 * @throws {InvalidArgumentError} If it is none.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(parseEpsilon("8/255"), 8 / 255);
 * ```
 */
export function parseEpsilon(text: string): number {
  const value = fractionOf(text);
  if (!(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError(
      `Expected a budget in [0, 1] of the pixel range, e.g. 8/255, but found "${text}".`,
    );
  }
  return value;
}

/** Reads a finite number. */
export function toNumber(text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError("Expected a number.");
  return value;
}

/** Reads a list of numbers, e.g. "0.5,0.75". */
export function toNumbers(text: string): number[] {
  return text.split(",").map(toNumber);
}

/** Reads a list of budgets, e.g. "0,2/255,8/255". */
export function parseEpsilons(text: string): number[] {
  return text.split(",").map(parseEpsilon);
}

/**
 * Makes a reader of whole numbers.
 *
 * @param min The least one allowed.
 */
export function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isSafeInteger(value) || value < min) {
      throw new InvalidArgumentError(`Expected a whole number of at least ${min}.`);
    }
    return value;
  };
}

/** Makes a reader of lists of whole numbers, e.g. "1,5,10". */
export function wholeNumbers(min: number): (text: string) => number[] {
  return (text) => text.split(",").map(wholeNumber(min));
}

/** Reads a list of names, e.g. "svhn-baseline,cifar-base". */
export function parseNames(text: string): string[] {
  const names = text.split(",").map((name) => name.trim()).filter((name) => name !== "");
  if (names.length === 0) throw new InvalidArgumentError("Expected names separated by commas.");
  return names;
}
