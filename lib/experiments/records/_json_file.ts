/** JSON files of results: read within bounds, checked against a schema. */
import type { z } from "zod";
import { FileError } from "../../files/file_error.ts";
import { readJson } from "../../files/read_json.ts";

/** What to do about a result that cannot be read. */
const REMEDY = "restore it, or delete the directory to run again";

function refusal(path: string, place: string, what: string, cause?: unknown): FileError {
  const message = `Cannot read ${path}: ${what} (at ${place}); ${REMEDY}`;
  return new FileError(message, { path, place, cause });
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
  const value = await readJson(path, { remedy: REMEDY });
  return value === undefined ? undefined : check(schema, value, path, versions);
}
