/**
 * Prose about published runs names the source of each number in a comment that readers do not see:
 *
 *     The baseline reads 85.1 %<!-- svhn-baseline-s0/svhn-test.metrics.json#/accuracy --> of them.
 *
 * The address is a record's file and a JSON Pointer (RFC 6901); "A - B" is a difference, "mean of A,
 * B" a mean. The number must be the value to as many digits as are written, times 100 before " %" or
 * " points".
 */
import { fileURLToPath } from "node:url";

const records = new URL("../../data/results/runs/", import.meta.url);

/** A number of the prose with what the records say. */
export interface PublishedNumber {
  readonly written: string;
  readonly address: string;
  readonly expected: string;
}

const numberWithAddress = /([-−+]?\d[\d,]*(?:\.\d+)?)( %| points)?<!-- ([^>]+?) -->/g;

async function valueAt(address: string): Promise<number> {
  const [file, pointer] = address.split("#");
  if (!file || !pointer?.startsWith("/")) {
    throw new Error(`Expected "<record>/<file>#/<pointer>" but found "${address}"`);
  }
  const path = fileURLToPath(new URL(file, records));
  let value: unknown = JSON.parse(await Deno.readTextFile(path));
  for (const key of pointer.slice(1).split("/")) {
    value = (value as Record<string, unknown>)[key.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  if (typeof value !== "number") throw new Error(`Expected a number at ${address}`);
  return value;
}

async function evaluated(expression: string): Promise<number> {
  if (expression.startsWith("mean of ")) {
    const values = await Promise.all(expression.slice("mean of ".length).split(", ").map(valueAt));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }
  const [first, ...others] = await Promise.all(expression.split(" - ").map(valueAt));
  return others.reduce((rest, value) => rest - value, first!);
}

/** `value` as the prose would write it: with the same digits, sign and thousands separators. */
function writtenLike(written: string, unit: string | undefined, value: number): string {
  const decimals = written.split(".")[1]?.length ?? 0;
  const shown = unit === undefined ? value : 100 * value;
  // Rounded as the notebooks' computed sentences are.
  const rounded = Math.abs(shown).toFixed(decimals);
  const text = written.includes(",") ? rounded.replace(/\B(?=(\d{3})+(?!\d))/g, ",") : rounded;
  if (shown < 0) return `−${text}`;
  return written.startsWith("+") ? `+${text}` : text;
}

/** All numbers of a text that carry an address, with what the committed records hold there. */
export function publishedNumbers(text: string): Promise<PublishedNumber[]> {
  return Promise.all(
    [...text.matchAll(numberWithAddress)].map(async ([, written, unit, address]) => ({
      written: written!,
      address: address!,
      expected: writtenLike(written!, unit, await evaluated(address!)),
    })),
  );
}

/**
 * The numbers of a text that carry no address and are none of the constants that any such text may
 * use: confidence levels, the budget 8/255, names of runs, references to the text and the literature.
 */
export function unaddressedNumbers(text: string): string[] {
  const bare = text
    .replaceAll(numberWithAddress, "")
    .replaceAll(/`[^`]*`/g, "")
    .replaceAll(/\$[^$]*\$/g, "")
    .replaceAll(/\[[^\]]*\]\([^)]*\)|\[\d\]/g, "")
    .replaceAll(
      /95 %|8\/255|PGD-\d+|ResNet-18|CIFAR-10|(Figures?|Table|[Ss]ections?|equation) [\dIV.]+|\bP\d\b|[Nn]otebook \d|\(\d+\)|\b(?:19|20)\d\d\)/g,
      "",
    );
  return bare.match(/\d[\d.,]*/g) ?? [];
}
