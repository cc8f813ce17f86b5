/**
 * CONTRIBUTING.md's lists of files: every file is there, and a toy that touches no others works.
 *
 * The table `toys` follows the layout of lib, and changes with it.
 */
import { basename, dirname, join } from "node:path";
import { checkoutRoot } from "../lib/experiments/records/run_paths.ts";
import { assert } from "../lib/assert/mod.ts";

const root = checkoutRoot();

/** The most files of lib that an addition of each kind may touch. */
const limits: Readonly<Record<string, number>> = {
  "A metric": 2,
  "An attack": 2,
  "A data set": 3,
  "A run": 1,
  "A chart": 1,
  "A training option": 2,
};

/** A toy: how the files of a copy of lib change, and a program that fails unless the toy appears. */
interface Toy {
  readonly kind: keyof typeof limits;
  /** Path, and the new content from the old one; "" where the file is new. */
  readonly edits: Readonly<Record<string, (source: string) => string>>;
  /** Imports from "./lib/..."; throws unless the toy is there. */
  readonly program: string;
}

/** Replaces a piece of code; fails if the code has changed, so that the toy must be adapted. */
function replaced(piece: string, by: string): (source: string) => string {
  return (source) => {
    assert(source.includes(piece), `the toy no longer fits the code: there is no ${piece}`);
    return source.replace(piece, () => by);
  };
}

const budgetOfMnist = "    mnist: { epochs: 2,";
const quickBudgetOfMnist = "    mnist: { trainLimit: 1536,";
const fullBudgetOfMnist = "    mnist: { epochs: 80,";

const toys: readonly Toy[] = [
  {
    kind: "A run",
    edits: {
      "lib/experiments/specs/matrix.ts": replaced(
        'row("svhn-dropout",',
        'row("svhn-toy", { train: { momentum: 0 } }),\n    row("svhn-dropout",',
      ),
    },
    program: `
      import { experimentMatrix } from "./lib/experiments/specs/matrix.ts";
      for (const profile of ["quick", "standard", "full"] as const) {
        const toy = experimentMatrix(profile).find(({ id }) => id === "svhn-toy");
        if (toy?.train.momentum !== 0) throw new Error("no toy in " + profile);
      }`,
  },
  {
    kind: "An attack",
    edits: {
      "lib/attacks/toy.ts": () => `
        import { tf } from "../backend/tf.ts";
        /** Inverts the image, whatever the budget. */
        export function toy(x: tf.Tensor4D): tf.Tensor4D {
          return tf.sub(1, x);
        }`,
      "lib/attacks/registry.ts": replaced(
        "  square: {",
        `  toy: {
          title: "Toy",
          style: 7,
          use: "sweep",
          load: async () => {
            const { toy } = await import("./toy.ts");
            return (_model, x) => toy(x);
          },
        },
        square: {`,
      ),
    },
    program: `
      import { attackSweep, experimentMatrix, loadDataset, resnet18 } from "./lib/mod.ts";
      import { publishedRuns, robustnessCurve, robustnessTable } from "./lib/mod.ts";
      const data = await loadDataset("mnist", "test", { source: "procedural", limit: 8 });
      const model = resnet18();
      const sweep = await attackSweep(model, data, { attacks: ["toy"], epsilons: [0, 0.1] });
      if (sweep[1]!.attack !== "toy" || sweep[1]!.n !== 8) throw new Error("no toy in the sweep");
      const { attacks } = experimentMatrix("quick")[0]!.evaluation;
      if (!attacks.includes("toy")) throw new Error("no toy in the runs");
      if (!robustnessCurve(sweep, {}).svg.includes("Toy")) throw new Error("no toy in the chart");
      const { titles } = robustnessTable(await publishedRuns(["cifar-base"], ROOT));
      if (!titles.includes("Toy %")) throw new Error("no toy in " + titles);`,
  },
  {
    kind: "A metric",
    edits: {
      "lib/metrics/toy.ts": () => `
        import type { Predictions } from "./predictions.ts";
        /** The share of images that are called class 0. */
        export function toy({ logits, length, classes }: Predictions): number {
          const rows = Array.from({ length }, (_, i) => logits.subarray(i * classes, (i + 1) * classes));
          return rows.filter((row) => row[0] === Math.max(...row)).length / length;
        }`,
      "lib/experiments/views/columns.ts": (source) =>
        replaced(
          '    metric(number, "brier",',
          '    percent("toy", "Toy %", ({ outputs }) => toy(outputs), { compared: true }),\n' +
            '    metric(number, "brier",',
        )(`import { toy } from "../../metrics/toy.ts";\n${source}`),
    },
    program: `
      import { calibrationTable, publishedRuns } from "./lib/mod.ts";
      const { titles, rows } = calibrationTable(await publishedRuns(["mnist-pretrained"], ROOT));
      const share = Number(rows[0]![titles.indexOf("Toy %")]);
      if (!(share > 8 && share < 12)) throw new Error("no toy: " + rows[0]);`,
  },
  {
    kind: "A data set",
    edits: {
      "lib/data/sets/toy.ts": () => `
        import { shiftDigit } from "../_augment_policies.ts";
        import { type DatasetDefinition, digits } from "../definition.ts";
        /** Grey squares, the brighter the higher their class. */
        export const toy: DatasetDefinition = {
          title: "Toy",
          counts: { train: 100, test: 50 },
          classNames: digits,
          files: { train: ["toy/train.bin"], test: ["toy/test.bin"] },
          read: () => Promise.reject(new Error("no such file")),
          officialFiles: [],
          standIn: {
            stream: 99,
            paint: (label) => new Uint8ClampedArray(32 * 32 * 3).fill(20 * label),
          },
          augment: shiftDigit,
          epochs: 1,
        };`,
      "lib/data/_registry.ts": (source) =>
        replaced("fashionmnist, kmnist }", "fashionmnist, kmnist, toy }")(
          `import { toy } from "./sets/toy.ts";\n${source}`,
        ),
      "lib/experiments/specs/profile_budget.ts": (source) =>
        [budgetOfMnist, quickBudgetOfMnist, fullBudgetOfMnist].reduce(
          (text, piece) =>
            replaced(piece, `    toy: { epochs: 1, batchSize: 8, learningRate: 0.1 },\n${piece}`)(
              text,
            ),
          source,
        ),
    },
    program: `
      import { batches, loadDataset, parseRunSpec, specById } from "./lib/mod.ts";
      const data = await loadDataset("toy", "test", { source: "procedural", limit: 50 });
      for (const { x, y } of batches(data, { augment: "standard" })) x.add(y.size).dispose();
      if (data.length !== 50 || !data.describe().startsWith("Toy test, 50 images, procedural")) {
        throw new Error("no toy: " + data.describe());
      }
      const spec = parseRunSpec({ ...specById("quick", "cifar-base"), dataset: "toy" });
      if (spec.dataset !== "toy") throw new Error("no toy in the spec");`,
  },
  {
    kind: "A training option",
    edits: {
      "lib/train/knobs.ts": replaced(
        "  augment: knob(oneOf(augmentNames), {",
        `  toy: knob(number(notNegative), {
    default: 0,
    flag: { name: "--toy <n>", help: "nothing at all" },
  }),
  /** Default "none". */
  augment: knob(oneOf(augmentNames), {`,
      ),
      "lib/train/train.ts": replaced(
        "export async function train(",
        `/** The toy's use. */
export function toyOf({ toy = 0 }: TrainOptions): number {
  return toy;
}

export async function train(`,
      ),
    },
    program: `
      import { parseRunSpec, specById } from "./lib/mod.ts";
      import { runHash } from "./lib/experiments/runs/_hash.ts";
      import { toyOf } from "./lib/train/train.ts";
      const spec = specById("quick", "svhn-baseline");
      const withToy = (toy: number) => parseRunSpec({ ...spec, train: { ...spec.train, toy } });
      const hash = (one: typeof spec) =>
        runHash({ spec: one, data: {}, encoder: null, numericsVersion: 1 });
      if (hash(withToy(0)) !== hash(spec)) throw new Error("a toy at its default changes the hash");
      if (hash(withToy(1)) === hash(spec)) throw new Error("no toy in the hash");
      if (toyOf({ toy: 2 } as Parameters<typeof toyOf>[0]) !== 2) throw new Error("no toy option");
      const help = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "lib/cli/train.ts", "--help"],
      }).output();
      if (!new TextDecoder().decode(help.stdout).includes("--toy")) throw new Error("no toy flag");`,
  },
  {
    kind: "A chart",
    edits: {
      "lib/experiments/views/charts.ts": replaced(
        '  {\n    name: "robustness_sweep",',
        `  {
    name: "toy",
    flag: "toy",
    shows: "nothing new",
    keptOf: "every run",
    needs: () => true,
    draw: ({ evaluation, content }) =>
      confidenceCoverage(content.predictions, headings(evaluation, "Toy")),
  },
  {
    name: "robustness_sweep",`,
      ),
    },
    program: `
      import { publishedRuns } from "./lib/mod.ts";
      import { drawnOf, runCharts, writeCharts } from "./lib/experiments/views/charts.ts";
      import { writeFigures } from "./lib/experiments/report/gallery.ts";
      const runs = await publishedRuns(["mnist-pretrained"], ROOT);
      await writeCharts("run", await drawnOf(runs[0]!));
      await writeFigures(runs, "figures");
      for (const path of ["run/mnist-test.toy.svg", "figures/mnist-pretrained-s0.mnist-test.toy.svg"]) {
        if (!(await Deno.readTextFile(path)).includes("Toy: mnist-pretrained")) throw new Error(path);
      }
      const help = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "lib/cli/eval.ts", "--help"],
      }).output();
      if (!new TextDecoder().decode(help.stdout).includes("toy")) throw new Error("no toy flag");`,
  },
];

/** The lists of CONTRIBUTING.md by heading: the paths that its items begin with. */
async function listsOfFiles(): Promise<Map<string, string[]>> {
  const text = await Deno.readTextFile(join(root, "CONTRIBUTING.md"));
  return new Map(
    text.split(/^### /m).slice(1).map((section) => {
      const [title, ...lines] = section.split("\n");
      const items = lines.join("\n").split(/^## /m)[0]!.matchAll(/^- `(lib\/[^`]+)`/gm);
      return [title!, [...items].map(([, path]) => path!)];
    }),
  );
}

/** A file `x.ts` stands for a new one: its folder must be there. */
async function isThere(path: string): Promise<boolean> {
  const place = basename(path) === "x.ts" ? dirname(path) : path;
  return await Deno.stat(join(root, place)).then(() => true, () => false);
}

Deno.test("CONTRIBUTING.md lists files for all kinds of additions, within their limits", async () => {
  const lists = await listsOfFiles();
  for (const [kind, limit] of Object.entries(limits)) {
    const files = lists.get(kind) ?? [];
    assert(files.length > 0 && files.length <= limit, `${kind}: ${files.join(", ")}`);
  }
});

Deno.test("every path that CONTRIBUTING.md names is there", async () => {
  const text = await Deno.readTextFile(join(root, "CONTRIBUTING.md"));
  const named = [...text.matchAll(/`((?:lib|tests)\/[^`]*\w)\/?`/g)].map(([, path]) => path!);
  for (const path of named) assert(await isThere(path), path);
});

/** Copies lib without its tests' needs; packages are linked. */
async function copyOfLib(folder: string): Promise<void> {
  for (const file of ["deno.json", "deno.lock"]) {
    await Deno.copyFile(join(root, file), join(folder, file));
  }
  for (const linked of ["node_modules", ".cache"]) {
    await Deno.symlink(join(root, linked), join(folder, linked));
  }
  const copy = async (path: string): Promise<void> => {
    await Deno.mkdir(join(folder, path));
    for await (const { name, isDirectory } of Deno.readDir(join(root, path))) {
      if (isDirectory) await copy(`${path}/${name}`);
      else await Deno.copyFile(join(root, path, name), join(folder, path, name));
    }
  };
  await copy("lib");
}

for (const { kind, edits, program } of toys) {
  Deno.test(`${kind} takes at most ${limits[kind]} files of lib`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      await copyOfLib(folder);
      const touched = Object.entries(edits);
      assert(touched.length <= limits[kind]!, `${touched.length} files`);
      for (const [path, edit] of touched) {
        const old = await Deno.readTextFile(join(folder, path)).catch(() => "");
        await Deno.writeTextFile(join(folder, path), edit(old));
      }
      const found = `const ROOT = ${JSON.stringify(root)};\n${program}`;
      await Deno.writeTextFile(join(folder, "toy_program.ts"), found);
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        // With types checked: a kind that other files enumerate shows here.
        args: ["run", "-A", "--check", "--no-prompt", "toy_program.ts"],
        cwd: folder,
        stdout: "null",
        stderr: "piped",
      }).output();
      assert(success, new TextDecoder().decode(stderr));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
