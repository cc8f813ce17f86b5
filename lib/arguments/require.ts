/** Checks at the public boundary: each error names the argument, the bound and the value found. */

/** Bounds of a number; all optional. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
  /** `true`: `min` itself is not allowed. */
  readonly exclusiveMin?: boolean;
  /** `true`: `max` itself is not allowed. */
  readonly exclusiveMax?: boolean;
}

function describeBounds({ min, max, exclusiveMin, exclusiveMax }: Bounds): string {
  const low = min === undefined ? "(-inf" : `${exclusiveMin ? "(" : "["}${min}`;
  const high = max === undefined ? "inf)" : `${max}${exclusiveMax ? ")" : "]"}`;
  return `${low}, ${high}`;
}

function isWithin(value: number, { min, max, exclusiveMin, exclusiveMax }: Bounds): boolean {
  if (min !== undefined && (exclusiveMin ? value <= min : value < min)) return false;
  if (max !== undefined && (exclusiveMax ? value >= max : value > max)) return false;
  return true;
}

/**
 * Requires a finite number within bounds.
 *
 * @throws {TypeError} If value is not a number.
 * @throws {RangeError} If value is not finite or out of bounds.
 * @example
 * ```ts
 * import { assertThrows } from "../../tests/assert.ts";
 * assertThrows(() => requireNumber("epsilon", 2, { min: 0, max: 1 }), RangeError, "epsilon");
 * ```
 */
export function requireNumber(name: string, value: number, bounds: Bounds = {}): void {
  if (typeof value !== "number") {
    throw new TypeError(`Expected ${name} to be a number but found ${typeof value}`);
  }
  if (!Number.isFinite(value) || !isWithin(value, bounds)) {
    throw new RangeError(`Expected ${name} to be in ${describeBounds(bounds)} but found ${value}`);
  }
}

/**
 * Requires a safe integer within bounds.
 *
 * @throws {TypeError} If value is not a number.
 * @throws {RangeError} If value is not a safe integer or out of bounds.
 */
export function requireInteger(name: string, value: number, bounds: Bounds = {}): void {
  if (typeof value !== "number") {
    throw new TypeError(`Expected ${name} to be a number but found ${typeof value}`);
  }
  if (!Number.isSafeInteger(value) || !isWithin(value, bounds)) {
    throw new RangeError(
      `Expected ${name} to be an integer in ${describeBounds(bounds)} but found ${value}`,
    );
  }
}

/**
 * Requires one of a fixed set of values.
 *
 * @throws {RangeError} If value is none of them.
 */
export function requireOneOf<T>(name: string, value: T, allowed: readonly T[]): void {
  if (!allowed.includes(value)) {
    const list = allowed.map((one) => JSON.stringify(one)).join(", ");
    throw new RangeError(
      `Expected ${name} to be one of ${list} but found ${JSON.stringify(value)}`,
    );
  }
}
