/** data/tuning.json: a kernel table that `deno task tune` measured on this machine. */
import { fileURLToPath } from "node:url";
import { requireOneOf } from "../arguments/require.ts";
import { readTextBoundedSync } from "../files/read_bounded.ts";
import { sha256 } from "../format/sha256.ts";
import { parseStrictJson } from "../format/strict_json.ts";
import { CONVOLUTION_CLASSES } from "./convolution_class.ts";
import { PASSES } from "./convolution_form.ts";
import {
  FORM_NAMES,
  type KernelChoices,
  type KernelTable,
  LIBRARIES,
  PRODUCT_KINDS,
  TENSOR_SIZES,
} from "./kernel_choices.ts";

/** Far larger than a table. */
const MAX_BYTES = 2 ** 20;

/** Where the file is in a checkout; undefined where the lab was loaded from elsewhere. */
export function tuningPath(): string | undefined {
  const url = new URL("../../data/tuning.json", import.meta.url);
  return url.protocol === "file:" ? fileURLToPath(url) : undefined;
}

/** Exactly the choices of a parsed file, in the order of the lists above. */
function choicesOf(file: unknown): KernelChoices {
  // A name that is missing on the way is undefined in the end, which no list of choices has.
  const at = (...names: string[]): unknown =>
    names.reduce<unknown>((part, name) => (part as Record<string, unknown>)?.[name], file);
  const choose = <T extends string>(list: readonly T[], ...names: string[]): T => {
    const value = at(...names);
    requireOneOf(names.join(" / "), value, list);
    return value as T;
  };
  const record = <K extends string, V>(names: readonly K[], value: (name: K) => V) =>
    Object.fromEntries(names.map((name) => [name, value(name)])) as Record<K, V>;
  return {
    convolutions: record(
      CONVOLUTION_CLASSES,
      (name) => record(PASSES, (pass) => choose(FORM_NAMES, "convolutions", name, pass)),
    ),
    products: record(PRODUCT_KINDS, (kind) => choose(LIBRARIES, "products", kind)),
    batchProducts: choose(LIBRARIES, "batchProducts"),
    batchNorm: record(TENSOR_SIZES, (size) => choose(LIBRARIES, "batchNorm", size)),
    maxPool: choose(LIBRARIES, "maxPool"),
  };
}

/** The table of choices under a name that tells it from all others. */
export function tunedTable(choices: KernelChoices): KernelTable {
  return { name: `tuned-${sha256(JSON.stringify(choicesOf(choices))).slice(0, 8)}`, ...choices };
}

/**
 * Reads a tuning file.
 *
 * @returns Undefined where there is none.
 * @throws {Error} If it is damaged; the message names it and says how to write it anew.
 */
export function readTuning(path: string | undefined = tuningPath()): KernelTable | undefined {
  if (path === undefined) return undefined;
  const text = readTextBoundedSync(path, MAX_BYTES);
  if (text === undefined) return undefined;
  try {
    return tunedTable(choicesOf(parseStrictJson(text)));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `${path} is no kernel table: ${reason}. Delete it, or run: npx --yes deno@2.9.6 task tune`,
      { cause },
    );
  }
}
