/** What a checkpoint's metadata may hold: texts that Python's reader takes too. */
import { printable } from "../format/printable.ts";
import { HEADER_DIGEST } from "./safetensors_header.ts";
import { MODEL_KEY } from "./_stored_options.ts";

/** Our own metadata key: SHA-256 of the tensors. */
export const DIGEST_KEY = "lab.sha256";
/** Written by the checkpoint itself. */
const RESERVED: readonly string[] = [MODEL_KEY, DIGEST_KEY, HEADER_DIGEST];

function isPlainObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  // In a notebook an object may come from another realm, whose Object is another one.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `${typeof value} ${String(value)}`;
}

/**
 * Requires texts by name, as the format's metadata are.
 *
 * @param argument What the caller calls them, e.g. "extra".
 * @throws {TypeError} Naming the key whose value is not text.
 * @throws {RangeError} If a key is one of the lab's own, or a text is not well-formed Unicode.
 * @example
 * ```ts
 * import { assertThrows } from "@trusted-ai-lab/lab/assert";
 * assertThrows(() => requireMetadata("extra", { epoch: 7 }), TypeError, 'extra["epoch"]');
 * ```
 */
export function requireMetadata(argument: string, value: unknown): void {
  if (!isPlainObject(value)) {
    throw new TypeError(
      `Expected ${argument} to be an object of texts but found ${
        value instanceof Map ? "a Map; use Object.fromEntries" : kindOf(value)
      }`,
    );
  }
  for (const [key, text] of Object.entries(value as object)) {
    const name = `${argument}[${printable(JSON.stringify(key))}]`;
    if (RESERVED.includes(key)) {
      throw new RangeError(
        `Expected the keys of ${argument} to be others than the checkpoint's own ` +
          `${RESERVED.join(", ")} but found ${key}; use another name`,
      );
    }
    if (typeof text !== "string") {
      throw new TypeError(
        `Expected ${name} to be a text but found ${kindOf(text)}; convert it, ` +
          `e.g. with String or JSON.stringify`,
      );
    }
    if (!key.isWellFormed() || !text.isWellFormed()) {
      throw new RangeError(
        `Expected ${name} to be well-formed Unicode but found an unpaired surrogate`,
      );
    }
  }
}
