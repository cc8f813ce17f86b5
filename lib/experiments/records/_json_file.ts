/** JSON files of results: read within bounds, checked against a schema. */
import type { z } from "zod";
import { FileError } from "../../files/file_error.ts";
import { readBounded } from "../../files/read_bounded.ts";

/** Larger than any result: metrics of the full test splits take about a megabyte. */
const MAX_BYTES = 2 ** 26;
/** What to do about a result that cannot be read. */
const REMEDY = "restore it, or delete the directory to run again";

function refusal(path: string, place: string, what: string, cause?: unknown): FileError {
  const message = `Cannot read ${path}: ${what} (at ${place}); ${REMEDY}`;
  return new FileError(message, { path, place, cause });
}

/** Where the parser stopped: it tells a position, that the text ends, or what stands there. */
function placeOf(text: string, message: string): string {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return `byte ${position}`;
  const context = /"([^]*)"(?:\.{3})? is not valid JSON/.exec(message)?.[1];
  return `byte ${context === undefined ? text.length : Math.max(0, text.indexOf(context))}`;
}

/** Parses JSON; the error names the file and the byte. */
function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw refusal(path, placeOf(text, message), "it is not JSON", error);
  }
}

/** Checks the number `schema` first, then all the rest. */
function check<T>(
  schema: z.ZodType<T>,
  value: unknown,
  path: string,
  versions: readonly number[],
): T {
  const found = (value as { readonly schema?: unknown } | null)?.schema;
  if (!versions.includes(found as number)) {
    throw new FileError(
      `Cannot read ${path}: expected schema ${versions.join(" or ")} but found ${
        typeof found === "object" ? typeof found : found
      }; it is from ` +
        `another version of the lab. Run the experiment again.`,
      { path, place: "schema" },
    );
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return value as T;
  const { issues } = parsed.error;
  const nameOf = (path: readonly PropertyKey[]) => path.join(".") || "the whole file";
  const problems = issues.slice(0, 3).map(({ path, message }) => `${nameOf(path)}: ${message}`);
  const place = nameOf(issues[0]?.path ?? []);
  throw refusal(path, place, `it is not a valid result: ${problems.join("; ")}`, parsed.error);
}

/**
 * Reads a JSON file of results.
 *
 * @param schema What it must hold.
 * @param path The file.
 * @param versions What its number `schema` may be. Default 1.
 * @returns The value itself, with whatever else it holds; `undefined` if there is no such file.
 * @throws {FileError} Naming the file and the byte or the field, if it is too large, no UTF-8, no JSON,
 * of another schema, or does not hold what it must.
 */
export async function readResult<T>(
  schema: z.ZodType<T>,
  path: string,
  versions: readonly number[] = [1],
): Promise<T | undefined> {
  const bytes = await readBounded(path, MAX_BYTES);
  if (bytes === undefined) return undefined;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw refusal(path, "byte 0", "it is not UTF-8 text", error);
  }
  return check(schema, parse(text, path), path, versions);
}
