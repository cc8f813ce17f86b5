/** Files of logits from numpy, safetensors and pandas, and files that cannot be read. */
import { zipSync } from "fflate";
import { join } from "node:path";
import { FileError } from "../../lib/files/file_error.ts";
import { loadPredictions } from "../../lib/metrics/load_predictions.ts";
import { accuracy } from "../../lib/metrics/accuracy.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "../../lib/assert/mod.ts";
import { temporaryFolder } from "../temporary_folder.ts";

type Files = Readonly<Record<string, string>>;

interface Golden {
  readonly logits: readonly number[];
  readonly probabilityRows: readonly number[];
  readonly labelRow: readonly number[];
  readonly exact: Files;
  readonly rounded: Files;
  readonly probabilities: Files;
  readonly labels: Files;
  readonly refused: Files;
}

const path = new URL("../golden/logits.json", import.meta.url);
const golden: Golden = JSON.parse(await Deno.readTextFile(path)).files;
const { labelRow } = golden;
const folder = await temporaryFolder();

async function put(name: string, content: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await Deno.writeFile(
    path,
    typeof content === "string" ? new TextEncoder().encode(content) : content,
  );
  return path;
}

const putGolden = (files: Files, name: string) => put(name, Uint8Array.fromBase64(files[name]!));

/** What a file that holds its labels needs, and one that does not. */
const labelsFor = (name: string) =>
  /\.npz|\.safetensors|^named/.test(name) ? {} : { labels: labelRow };

function farthest(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  assertEquals(found.length, expected.length);
  return Array.from(expected).reduce(
    (far, value, k) => Math.max(far, Math.abs(value - found[k]!)),
    0,
  );
}

Deno.test("logits of every type, order and format are read as numpy wrote them", async () => {
  for (const name of Object.keys(golden.exact)) {
    const p = await loadPredictions(await putGolden(golden.exact, name), labelsFor(name));
    assertEquals([...p.logits], [...golden.logits], name);
    assertEquals([...Array.from(p.labels)], [...labelRow], name);
    assertEquals([p.classes, p.length, p.scale], [5, 12, "logits"], name);
  }
  for (const name of Object.keys(golden.rounded)) {
    const p = await loadPredictions(await putGolden(golden.rounded, name), labelsFor(name));
    assert(farthest(p.logits, golden.logits) < 2e-3, name);
  }
});

Deno.test("probabilities are read by their key or by the option, rounded ones made to sum to 1", async () => {
  for (const name of Object.keys(golden.probabilities)) {
    const options = name.endsWith(".npz") ? {} : { probabilities: true, labels: labelRow };
    const p = await loadPredictions(await putGolden(golden.probabilities, name), options);
    assertEquals(p.scale, "probabilities", name);
    assert(farthest(p.probabilities, golden.probabilityRows) < 4e-4, name);
    for (let row = 0; row < p.length; row++) {
      const sum = p.probabilities.subarray(row * 5, row * 5 + 5).reduce((a, b) => a + b, 0);
      assert(Math.abs(sum - 1) < 1e-6, `${name}: ${sum}`);
    }
    assertEquals(p.notes.length > 0, /f2|csv/.test(name), name);
  }
});

Deno.test("labels of every integer type and format are read", async () => {
  const logits = await putGolden(golden.exact, "f4.npy");
  for (const name of Object.keys(golden.labels)) {
    const labels = await putGolden(golden.labels, name);
    const p = await loadPredictions(logits, { labels });
    assertEquals([...Array.from(p.labels)], [...labelRow], name);
    assertEquals(p.files.map(({ path }) => path), [logits, labels]);
    assertMatch(p.files[1]!.sha256, /^[0-9a-f]{64}$/);
  }
});

Deno.test("a header gives the classes' names, and what is taken for granted is said", async () => {
  const named = await loadPredictions(await putGolden(golden.exact, "named.csv"));
  assertEquals([...named.classNames!], ["cat", "dog", "fox", "hen", "owl"]);
  const index = await loadPredictions(await putGolden(golden.exact, "pandas.csv"), {
    labels: labelRow,
  });
  assertEquals(index.notes.length, 2);
  assertStringIncludes(index.notes.join(), "its column without a name only counts the rows");
  const sure = await put("sure.csv", "0,1\n1,0\n0,1\n");
  const p = await loadPredictions(sure, { labels: [1, 0, 1] });
  assertEquals([p.length, p.classNames, accuracy(p)], [3, undefined, 1]);
  assertStringIncludes(p.notes.join(), "if they are probabilities, say so");
  assertEquals((await loadPredictions(sure, { labels: [1, 0, 1], probabilities: true })).notes, []);
});

Deno.test("labels in the file and beside it must agree", async () => {
  const path = await putGolden(golden.exact, "stored.npz");
  assertEquals((await loadPredictions(path, { labels: labelRow })).length, 12);
  const other = labelRow.map((label, k) => k < 3 ? (label + 1) % 5 : label);
  await assertRejects(
    () => loadPredictions(path, { labels: other }),
    FileError,
    "differ from the labels given in 3 of 12 rows",
  );
});

const ascii = (text: string) => new TextEncoder().encode(text);

/** An npy file with a header of one's own. */
function npy(header: string, data = new Uint8Array(0), version = 1): Uint8Array {
  const length = version === 1
    ? [header.length & 255, header.length >> 8]
    : [header.length & 255, header.length >> 8, 0, 0];
  return Uint8Array.from([
    0x93,
    ...ascii("NUMPY"),
    version,
    0,
    ...length,
    ...ascii(header),
    ...data,
  ]);
}

const shaped = (shape: string, type = "<f4", order = "False") =>
  `{'descr': '${type}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

/** Files that cannot be used, with a part of what is said of each. */
function badFiles(): readonly [name: string, content: Uint8Array | string, says: string][] {
  const whole = Uint8Array.fromBase64(golden.exact["f4.npy"]!);
  const zip = Uint8Array.fromBase64(golden.exact["stored.npz"]!);
  const tensors = Uint8Array.fromBase64(golden.exact["tensors.safetensors"]!);
  const flipped = zip.with(200, zip[200]! ^ 255);
  const claims = Uint8Array.from([...whole.subarray(0, 6), 2, 0, 255, 255, 255, 255]);
  return [
    ["empty.npy", "", "it is empty"],
    ["short.npy", whole.subarray(0, 7), "it is no npy file: it has 7 bytes"],
    ["mark.npy", "logits", "it is no npy file"],
    ["cut.npy", whole.subarray(0, whole.length - 1), "takes 240 bytes, and 239 follow its header"],
    ["long.npy", Uint8Array.from([...whole, 1]), "it holds more than one array"],
    ["header.npy", claims, "its header claims 4,294,967,295 bytes, of a file of 12"],
    ["version.npy", whole.with(6, 9), "unknown version 9"],
    ["huge.npy", npy(shaped("(1000000000000, 1000000)")), "is cut short"],
    ["infinite.npy", npy(shaped(`(${"9".repeat(400)}, 2)`)), "impossible shape"],
    ["no_shape.npy", npy("{'descr': '<f4', 'fortran_order': False}"), "names no shape"],
    ["no_order.npy", npy("{'descr': '<f4', 'shape': (2, 2)}"), "fortran_order"],
    ["no_type.npy", npy("{'shape': (2, 2)}"), "descr"],
    ["cut.npz", zip.subarray(0, 300), "its zip is damaged or cut short"],
    ["flipped.npz", flipped, "does not match its check sum"],
    ["empty.npz", zipSync({}), "expected an array named logits or probabilities but found nothing"],
    ["inner.npz", zipSync({ "logits.npy": whole.subarray(0, 90) }), "of its logits.npy: "],
    ["cut.safetensors", tensors.subarray(0, 250), "it is truncated"],
    ["header.safetensors", tensors.with(3, 9), "its header claims"],
    ["pickle.npy", Uint8Array.of(0x80, 4, 0x95, 0), "it is a Python pickle, which is not read"],
    ["hdf5.h5", Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d), "it is an HDF5 file"],
    ["packed.npy.gz", Uint8Array.of(0x1f, 0x8b, 8, 0), "gunzip"],
    ["binary.dat", Uint8Array.of(1, 0, 2, 255), "it is neither npy, npz, safetensors nor text"],
    ["ragged.csv", "1,2,3\n4,5\n", "it has 2 fields where the first line has 3 (at line 2)"],
    ["longer.csv", "a,b\n1,2\n1,2,3\n", "it has 3 fields where the first line has 2 (at line 3)"],
    ["word.csv", "1,2\n3,x\n", 'its field 2 holds "x", not a number (at line 2)'],
    ["missing.csv", "1,2\n3,\n", "its field 2 holds nothing, not a number (at line 2)"],
    ["hexadecimal.csv", "1,2\n3,0x4\n", 'holds "0x4"'],
    ["gap.csv", "1,2\n\n3,4\n", "a line without a field stands amid the rows (at line 2)"],
    ["mixed.csv", "a,1\n2,3\n", 'its field 1 holds "a", not a number (at line 1)'],
    ["header_only.csv", "a,b\n", "it has no row of numbers"],
    ["nan.csv", "1,2\nnan,3\n", "found NaN in row 1, column 0"],
    ["first_nan.csv", "nan,2\n1,3\n", "found NaN in row 0, column 0"],
    ["infinite.csv", "1,2\n-inf,3\n", "write an excluded class as -1e9"],
    [
      "large.csv",
      "1,2\n1e300,3\n",
      "found 1e+300 in row 1, column 0 (both counted from 0), too large",
    ],
    ["column.csv", "1\n2\n", "expected at least two classes"],
  ];
}

Deno.test("every kind of bad file is refused in a sentence that names it", async () => {
  const said = new Map<string, string>([
    ["objects.npy", "Python objects as a pickle, which is not read"],
    ["objects.npz", "of its logits.npy: it holds Python objects as a pickle"],
    ["text.npy", "stands for text"],
    ["complex.npy", "stands for complex numbers"],
    ["records.npy", "records"],
    ["longdouble.npy", "floats of another size"],
    ["three_axes.npy", "it has 3 axes, (12, 1, 5)"],
    ["one_axis.npy", "expected logits of shape [n, K]"],
    ["one_column.npy", "expected at least two classes (columns) but found logits of shape [12, 1]"],
    ["empty_rows.npy", "expected at least one row"],
    ["positional.npz", "expected an array named logits or probabilities but found arr_0, arr_1"],
    ["torch.pt", "it is a file of torch.save"],
  ]);
  assertEquals([...said.keys()].sort(), Object.keys(golden.refused).sort());
  const bad = [
    ...[...said].map(([name, says]) =>
      [name, Uint8Array.fromBase64(golden.refused[name]!), says] as const
    ),
    ...badFiles(),
  ];
  for (const [name, content, says] of bad) {
    const path = await put(name, content);
    const error = await assertRejects(() => loadPredictions(path, { labels: labelRow }), FileError);
    assertStringIncludes(error.message, path, name);
    assertStringIncludes(error.message, says, name);
  }
  console.log(`${bad.length} files refused`);
  const none = join(folder, "none.npy");
  await assertRejects(() => loadPredictions(none), FileError, `${none}: there is no such file`);
});

Deno.test("labels that do not fit are refused in a sentence that names their file", async () => {
  const logits = await putGolden(golden.exact, "f4.npy");
  const text = (labels: readonly number[]) => labels.join("\n");
  const rows: [string, string, string][] = [
    ["few.csv", text(labelRow.slice(1)), "it has 12 rows but there are 11 labels in "],
    [
      "many.csv",
      text([1, ...labelRow]),
      "if the first line of the labels is a header, give it a name",
    ],
    ["out_of_range.csv", text(labelRow.with(3, 7)), "but found 7 in row 3"],
    ["negative.csv", text(labelRow.with(0, -1)), "but found -1 in row 0"],
    ["fraction.csv", text(labelRow.with(5, 0.5)), "but found 0.5 in row 5"],
    ["from_one.csv", text(labelRow.map((label) => label + 1)), "they count from 1: subtract 1"],
    ["names.csv", "label\ncat\ndog\n", 'its field 1 holds "cat", not a number (at line 2)'],
    ["scores.csv", "1,2\n".repeat(12), "save x.argmax(axis=1)"],
  ];
  for (const [name, content, says] of rows) {
    const labels = await put(name, content);
    const error = await assertRejects(() => loadPredictions(logits, { labels }), FileError);
    assertStringIncludes(error.message, labels, name);
    assertStringIncludes(error.message, says, name);
  }
  await assertRejects(() => loadPredictions(logits), FileError, "it holds no labels");
  const wrong = await put("sum.csv", "0.5,0.4\n0.5,0.5\n");
  await assertRejects(
    () => loadPredictions(wrong, { labels: [0, 1], probabilities: true }),
    FileError,
    `Cannot use ${wrong}: Expected each row of probabilities to sum to 1`,
  );
});
