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
 * import { assertThrows } from "@trusted-ai-lab/lab/assert";
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

/** Describes the value for errors: "number 3", "an object without labels". */
export function describe(value: unknown, missing: readonly string[]): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== "object") return `${typeof value} ${String(value)}`;
  return missing.length > 0 ? `an object without ${missing.join(" and ")}` : "an object";
}

/**
 * Requires an object with certain parts: in a notebook no compiler looks at an argument's type.
 *
 * @param what Describes the object, e.g. "a dataset".
 * @param parts Properties that it must have.
 * @throws {TypeError} Naming the argument and what was found.
 * @example
 * ```ts
 * import { assertThrows } from "@trusted-ai-lab/lab/assert";
 * const parts = ["images", "labels"];
 * assertThrows(
 *   () => requireParts("data", { images: [] }, "a dataset", parts),
 *   TypeError,
 *   "Expected data to be a dataset but found an object without labels",
 * );
 * ```
 */
export function requireParts(
  name: string,
  value: unknown,
  what: string,
  parts: readonly string[],
): void {
  const own = Object(value) as Record<string, unknown>;
  const missing = parts.filter((part) => own[part] === undefined);
  if (typeof value !== "object" || value === null || missing.length > 0) {
    throw new TypeError(`Expected ${name} to be ${what} but found ${describe(value, missing)}`);
  }
}

/**
 * Requires a list: an array or a typed array.
 *
 * @throws {TypeError} Naming the argument and what was found.
 */
export function requireList(name: string, value: unknown): void {
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) {
    throw new TypeError(`Expected ${name} to be a list but found ${describe(value, [])}`);
  }
}

/**
 * Requires a function.
 *
 * @throws {TypeError} Naming the argument and what was found.
 */
export function requireFunction(name: string, value: unknown): void {
  if (typeof value !== "function") {
    throw new TypeError(`Expected ${name} to be a function but found ${describe(value, [])}`);
  }
}

/**
 * Requires true or false; in a condition any other value would silently count as one of them.
 *
 * @throws {TypeError} Naming the argument and what was found.
 */
export function requireBoolean(name: string, value: unknown): void {
  if (typeof value !== "boolean") {
    throw new TypeError(`Expected ${name} to be true or false but found ${describe(value, [])}`);
  }
}

/**
 * Requires a text.
 *
 * @throws {TypeError} Naming the argument and what was found.
 */
export function requireText(name: string, value: unknown): void {
  if (typeof value !== "string") {
    throw new TypeError(`Expected ${name} to be a text but found ${describe(value, [])}`);
  }
}
