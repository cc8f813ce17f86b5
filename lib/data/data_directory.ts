import { fileURLToPath } from "node:url";

/** Where the datasets lie unless another directory is named. */
const CHECKOUT_DATA = fileURLToPath(new URL("../../data/raw", import.meta.url));

/** The directory that `loadDataset` reads by default: `$LAB_DATA`, else `data/raw` of the checkout. */
export function defaultDataDirectory(): string {
  return Deno.env.get("LAB_DATA") || CHECKOUT_DATA;
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    const { NotFound, NotADirectory } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return undefined;
    throw error;
  }
}

/**
 * Requires a data directory that was named to be there; the checkout's own may be missing.
 *
 * @throws {Error} Naming the directory, and LAB_DATA if that names it.
 */
export function requireDataDirectory(directory: string): void {
  if (directory === CHECKOUT_DATA) return;
  const found = statOf(directory);
  if (found?.isDirectory) return;
  const by = Deno.env.get("LAB_DATA") === directory ? "LAB_DATA" : "the data directory";
  throw new Error(
    `Expected ${by} to name a folder with the datasets but found ${
      found === undefined ? "nothing" : "a file"
    } at ${directory}: correct the path${
      by === "LAB_DATA" ? ", or unset LAB_DATA" : ""
    }, or fill it with: deno task download --data ${directory}`,
  );
}
