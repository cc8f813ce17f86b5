/** JSON from elsewhere: one meaning or an error. */

/** Deeper nesting than any file of the lab has. */
const MAX_DEPTH = 100;

/** A text that is no JSON, or JSON with two meanings. */
export class JsonError extends Error {
  override name = "JsonError";

  /**
   * @param message What is wrong, without the place.
   * @param position Where in the text.
   */
  constructor(message: string, readonly position: number, options?: ErrorOptions) {
    super(message, options);
  }
}

/** Where the parser stopped: it tells a position, that the text ends, or what stands there. */
function positionOf(text: string, message: string): number {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  const context = /"([^]*)"(?:\.{3})? is not valid JSON/.exec(message)?.[1];
  return context === undefined ? text.length : Math.max(0, text.indexOf(context));
}

/** The quote that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let k = start + 1;; k++) {
    if (text[k] === "\\") k++;
    else if (text[k] === '"') return k;
  }
}

/** Walks over valid JSON and refuses a name that an object has twice. */
function requireOneMeaning(text: string): void {
  /** Names of each open object; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  let expectsName = false;
  const enter = (names: Set<string> | undefined, at: number) => {
    if (open.push(names) > MAX_DEPTH) {
      throw new JsonError(`it is nested more than ${MAX_DEPTH} deep`, at);
    }
    expectsName = names !== undefined;
  };
  for (let k = 0; k < text.length; k++) {
    const names = open.at(-1);
    switch (text[k]) {
      case "{":
        enter(new Set(), k);
        break;
      case "[":
        enter(undefined, k);
        break;
      case "}":
      case "]":
        open.pop();
        break;
      case ",":
        expectsName = names !== undefined;
        break;
      case '"': {
        const end = endOfString(text, k);
        if (expectsName && names !== undefined) {
          const name: string = JSON.parse(text.slice(k, end + 1));
          if (names.has(name)) throw new JsonError(`it holds ${JSON.stringify(name)} twice`, k);
          names.add(name);
          expectsName = false;
        }
        k = end;
      }
    }
  }
}

/**
 * Parses JSON that may come from elsewhere. Other programs may take the first of two equal names and
 * `JSON.parse` the last, so that one file would say two things: it is refused, and so is nesting
 * without end.
 *
 * @throws {JsonError} Saying what is wrong and where.
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@trusted-ai-lab/lab/assert";
 * assertEquals(parseStrictJson('{"a":[1,{"a":2}]}'), { a: [1, { a: 2 }] });
 * assertThrows(() => parseStrictJson('{"a":1,"\\u0061":2}'), JsonError, 'it holds "a" twice');
 * ```
 */
export function parseStrictJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new JsonError("it is not JSON", positionOf(text, message), { cause: error });
  }
  requireOneMeaning(text);
  return value;
}
