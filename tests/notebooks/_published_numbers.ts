/**
 * Prose about published runs names the source of each number in a comment that readers do not see:
 *
 *     The baseline reads 85.1 %<!-- svhn-baseline-s0/svhn-test.metrics.json#/accuracy --> of them.
 *
 * The address is a record's file and a JSON Pointer (RFC 6901); "A - B" is a difference, "mean of A,
 * B" a mean. A figure over all published seeds of a run is "mean over seeds of A", and so are "sd" and
 * "n", where the record in A is named without its seed:
 *
 *     It reads 84.9 %<!-- mean over seeds of svhn-baseline/svhn-test.metrics.json#/accuracy -->
 *     ± 1.0<!-- sd over seeds of svhn-baseline/svhn-test.metrics.json#/accuracy * 100 --> points.
 *
 * "mean", "sd", "n", "low" and "high over seeds of A - B" are of the paired difference over the seeds
 * that both runs have, with its 95 % t-interval (`seedDifference`). "* 100" makes points of a share
 * whose unit is not written beside the number. The number must be the value to as many digits as are
 * written, times 100 before " %" or " points".
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { seedDifference } from "../../lib/metrics/seed_difference.ts";
import { seedSummary } from "../../lib/metrics/seed_summary.ts";

const published = fileURLToPath(new URL("../../data/results/runs/", import.meta.url));

/** A number of the prose with what the records say. */
export interface PublishedNumber {
  readonly written: string;
  readonly address: string;
  readonly expected: string;
}

const numberWithAddress = /([-−+]?\d[\d,]*(?:\.\d+)?)( %| points)?<!-- ([^>]+?) -->/g;

/** Record, file and pointer of an address. */
function partsOf(address: string): [record: string, file: string, pointer: string] {
  const [, record, file, pointer] = /^([^/#]+)\/([^/#]+)#(\/.*)$/.exec(address) ?? [];
  if (!record || !file || !pointer) {
    throw new Error(`Expected "<record>/<file>#/<pointer>" but found "${address}"`);
  }
  return [record, file, pointer];
}

async function valueAt(address: string, records: string): Promise<number> {
  const [record, file, pointer] = partsOf(address);
  let value: unknown = JSON.parse(await Deno.readTextFile(join(records, record, file)));
  for (const key of pointer.slice(1).split("/")) {
    value = (value as Record<string, unknown>)[key.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  if (typeof value !== "number") throw new Error(`Expected a number at ${address}`);
  return value;
}

/** The values at an address without seed, by seed, of all records that there are. */
async function valuesOverSeeds(address: string, records: string): Promise<Map<number, number>> {
  const [run, file, pointer] = partsOf(address);
  const values = new Map<number, number>();
  for await (const { name } of Deno.readDir(records)) {
    const seed = name.startsWith(`${run}-s`) ? name.slice(run.length + 2) : "";
    if (/^\d+$/.test(seed)) {
      values.set(Number(seed), await valueAt(`${name}/${file}#${pointer}`, records));
    }
  }
  if (values.size === 0) throw new Error(`Expected seeds of ${run} in ${records} but found none`);
  return values;
}

/** The number of one run over its seeds, or of a paired difference. */
async function overSeeds(statistic: string, addresses: string, records: string): Promise<number> {
  const [first, second, ...rest] = await Promise.all(
    addresses.split(" - ").map((address) => valuesOverSeeds(address, records)),
  );
  if (rest.length > 0) throw new Error(`Expected "A" or "A - B" but found "${addresses}"`);
  const seeds = [...first!.keys()].filter((seed) => second === undefined || second.has(seed));
  const firsts = seeds.map((seed) => first!.get(seed)!);
  const figures: Readonly<Record<string, number>> = second === undefined
    ? { ...seedSummary(firsts) }
    : { ...seedDifference(firsts, seeds.map((seed) => second.get(seed)!)) };
  const value = figures[statistic];
  if (value === undefined || !Number.isFinite(value)) {
    throw new Error(
      `Expected a figure over seeds, one of ${Object.keys(figures).join(", ")}, but ${statistic} ` +
        `over seeds of ${addresses} is ${value}`,
    );
  }
  return value;
}

async function evaluated(text: string, records: string): Promise<number> {
  const [, expression, inPoints] = /^(.*?)( \* 100)?$/.exec(text)!;
  const scale = inPoints === undefined ? 1 : 100;
  const [, statistic, addresses] = /^(\w+) over seeds of (.+)$/.exec(expression!) ?? [];
  if (statistic !== undefined) return scale * await overSeeds(statistic, addresses!, records);
  if (expression!.startsWith("mean of ")) {
    const addresses = expression!.slice("mean of ".length).split(", ");
    const values = await Promise.all(addresses.map((address) => valueAt(address, records)));
    return scale * values.reduce((sum, value) => sum + value, 0) / values.length;
  }
  const [first, ...others] = await Promise.all(
    expression!.split(" - ").map((address) => valueAt(address, records)),
  );
  return scale * others.reduce((rest, value) => rest - value, first!);
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

/**
 * All numbers of a text that carry an address, with what the records hold there.
 *
 * @param records The folder of records. Default: the committed ones.
 */
export function publishedNumbers(text: string, records = published): Promise<PublishedNumber[]> {
  return Promise.all(
    [...text.matchAll(numberWithAddress)].map(async ([, written, unit, address]) => ({
      written: written!,
      address: address!,
      expected: writtenLike(written!, unit, await evaluated(address!, records)),
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
