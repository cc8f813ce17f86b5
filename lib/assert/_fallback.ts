/** The used part of `@std/assert`'s interface over `node:assert`. */
import nodeAssert, { AssertionError } from "node:assert";

type ErrorClass<E extends Error> = new (...args: never[]) => E;

function fail(message: string): never {
  throw new AssertionError({ message });
}

/** Asserts that a value is truthy. */
export function assert(value: unknown, message = "Expected a truthy value"): asserts value {
  if (!value) fail(message);
}

/** Asserts deep equality. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.deepStrictEqual(actual, expected, message);
}

/** Asserts that two values are not deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.notDeepStrictEqual(actual, expected, message);
}

/** Asserts identity (`Object.is`). */
export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): void {
  nodeAssert.strictEqual(actual, expected, message);
}

/** Asserts that two numbers differ by at most `tolerance` (default 1e-7). */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance = 1e-7,
  message = "Expected the numbers to be close",
): void {
  if (Object.is(actual, expected) || Math.abs(actual - expected) <= tolerance) return;
  fail(`${message}: ${actual} and ${expected} differ by more than ${tolerance}`);
}

function checkError<E extends Error>(
  error: unknown,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
): E {
  if (!(error instanceof Error)) fail(`Expected an Error but ${String(error)} was thrown`);
  if (errorClass && !(error instanceof errorClass)) {
    fail(`Expected ${errorClass.name} but ${error.name} was thrown: ${error.message}`);
  }
  if (messageIncludes && !error.message.includes(messageIncludes)) {
    fail(`Expected the message to include "${messageIncludes}" but found "${error.message}"`);
  }
  return error as E;
}

/** Asserts that a function throws; returns the error. */
export function assertThrows<E extends Error = Error>(
  action: () => unknown,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
): E {
  try {
    action();
  } catch (error) {
    return checkError(error, errorClass, messageIncludes);
  }
  fail("Expected the function to throw");
}

/** Asserts that a promise rejects; resolves to the error. */
export async function assertRejects<E extends Error = Error>(
  action: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
): Promise<E> {
  try {
    await action();
  } catch (error) {
    return checkError(error, errorClass, messageIncludes);
  }
  fail("Expected the promise to reject");
}

/** Asserts that a text contains another. */
export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  if (!actual.includes(expected)) {
    fail(message ?? `Expected the text to include "${expected}" but found "${actual}"`);
  }
}

/** Asserts that a text matches a pattern. */
export function assertMatch(actual: string, pattern: RegExp, message?: string): void {
  nodeAssert.match(actual, pattern, message);
}
