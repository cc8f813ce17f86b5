/** An option that a function does not have is refused, in every public function that has options. */
import { join } from "node:path";
import { checkoutRoot } from "../../lib/experiments/records/run_paths.ts";
import { assert, assertEquals } from "../../lib/assert/mod.ts";
import { inventRun, withFolder } from "../experiments/synthetic_run.ts";
import { type Misspelt, misspeltOptions } from "./_misspelt_options.ts";
import { publicFunctions } from "./_public_functions.ts";

/**
 * Types of parameters that are data. Every other object is taken for options, so that a function
 * with a new kind of options cannot be forgotten.
 */
const DATA_TYPES = new Set([
  ...[
    "ArrayLike",
    "Float32Array",
    "Float64Array",
    "Uint8Array",
    "ReadonlyMap",
    "Predictions",
    "LabelledPredictions",
    "PredictionsInput",
  ],
  ...["Classifier", "Dataset", "tf.Tensor1D", "tf.Tensor2D", "tf.Tensor4D"],
  ...["RunRecord", "Runs", "RunSpec", "Statement", "Verdict", "Difference", "Proportion"],
  ...["DatasetName", "Split", "Profile", "NamedMetric", "StoredThreshold"],
  // Charts' data by series: the names are the caller's own.
  ...["Readonly", "Record"],
]);

/** A type as `deno doc --json` describes it. */
interface DocType {
  readonly kind: string;
  readonly repr?: string;
  readonly value?: unknown;
}
interface DocParameter {
  readonly kind: string;
  readonly name?: string;
  readonly tsType?: DocType;
  readonly left?: DocParameter;
}
interface DocSymbol {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly def?: { readonly params?: readonly DocParameter[] };
  }[];
}

function isData(type: DocType | undefined): boolean {
  if (type === undefined) return false;
  if (type.kind === "keyword") return type.repr !== "unknown" && type.repr !== "object";
  if (type.kind === "union") return (type.value as DocType[]).every(isData);
  if (type.kind === "typeRef") return DATA_TYPES.has(type.repr!);
  // Lists (`readonly T[]`), `keyof typeof x`, callbacks and literals.
  return ["array", "typeOperator", "fnOrConstructor", "literal"].includes(type.kind);
}

/** The functions of lib/mod.ts with a parameter that is not data alone. */
async function functionsWithOptions(): Promise<Set<string>> {
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--quiet", "--json", join(checkoutRoot(), "lib/mod.ts")],
    cwd: checkoutRoot(),
  }).output();
  assert(success, "deno doc failed");
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as {
    nodes: Record<string, { symbols: readonly DocSymbol[] }>;
  };
  const found = new Set<string>();
  for (const { name, declarations } of Object.values(nodes).flatMap(({ symbols }) => symbols)) {
    for (const { kind, def } of declarations) {
      if (kind !== "function") continue;
      const parameters = (def?.params ?? []).map((one) => one.left ?? one);
      if (parameters.some(({ kind, tsType }) => kind !== "rest" && !isData(tsType))) {
        found.add(name);
      }
    }
  }
  return found;
}

/** What is wrong with how a misspelt option was received; undefined if nothing is. */
async function fault(name: string, { call, wrong, right, place = name }: Misspelt) {
  for (
    const [option, expected] of [
      [wrong, `Unknown option ${wrong} of ${place}: did you mean ${right}?`],
      ["zzzzzz", `Unknown option zzzzzz of ${place}: expected one of `],
    ] as const
  ) {
    try {
      await call({ [option]: 1 });
      return `${name}({ ${option} }): no error`;
    } catch (error) {
      const { name: type, message } = error as Error;
      if (type !== "TypeError" || !message.startsWith(expected)) {
        return `${name}({ ${option} }): ${type}: ${message}`;
      }
    }
  }
  return undefined;
}

Deno.test("every public function refuses a misspelt option and names the one that was meant", () =>
  withFolder(async (folder) => {
    const table = misspeltOptions(await inventRun(join(folder, "run")));
    const faults: string[] = [];
    let calls = 0;
    for (const [name, rows] of Object.entries(table)) {
      for (const row of rows) {
        calls += 2;
        const found = await fault(name, row);
        if (found !== undefined) faults.push(found);
      }
    }
    console.log(`${calls} misspelt options of ${Object.keys(table).length} public functions`);
    assertEquals(faults, []);
  }));

Deno.test("no public function with options is left out", async () => {
  const exported = publicFunctions().map(([name]) => name);
  const documented = await functionsWithOptions();
  const withRun = new Set(Object.keys(misspeltOptions({} as never)));
  assert(documented.size > 50, [...documented].join());
  assertEquals(exported.filter((name) => documented.has(name) && !withRun.has(name)), []);
  assertEquals([...withRun].filter((name) => !exported.includes(name)), []);
});
