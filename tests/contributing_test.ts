/**
 * CONTRIBUTING.md's lists of files: every file is there, and a toy that touches no others works.
 *
 * Two tables follow the layout of lib, and change with it: `planned` and `toys`.
 */
import { basename, dirname, join } from "node:path";
import { checkoutRoot } from "../lib/experiments/records/run_paths.ts";
import { assert, assertEquals } from "../lib/assert/mod.ts";

const root = checkoutRoot();

/** Named in CONTRIBUTING.md, not written yet. A file that has come to be must leave this list. */
const planned = new Set([
  "lib/experiments/views/columns.ts",
  "lib/experiments/views/charts.ts",
  "lib/attacks/registry.ts",
  "lib/data/registry.ts",
  "lib/data/sets/x.ts",
]);

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

const toys: readonly Toy[] = [
  {
    kind: "A run",
    edits: {
      "lib/experiments/specs/matrix.ts": replaced(
        '["svhn-baseline", "svhn", {}],',
        '["svhn-baseline", "svhn", {}],\n["svhn-toy", "svhn", { train: { momentum: 0 } }],',
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
      // In attack_sweep.ts until lib/attacks/registry.ts is there.
      "lib/attacks/attack_sweep.ts": (source) =>
        replaced('case "fgsm":', 'case "toy":\n      return toy(x);\n    case "fgsm":')(
          replaced('"fgsm",', '"fgsm",\n  "toy",')(`import { toy } from "./toy.ts";\n${source}`),
        ),
    },
    program: `
      import { attackSweep, loadDataset, resnet18 } from "./lib/mod.ts";
      const data = await loadDataset("mnist", "test", { source: "procedural", limit: 8 });
      const model = resnet18();
      const sweep = await attackSweep(model, data, { attacks: ["toy"], epsilons: [0.1] });
      if (sweep[0]!.attack !== "toy" || sweep[0]!.n !== 8) throw new Error("no toy");`,
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

Deno.test("every file that CONTRIBUTING.md lists is there, or is planned", async () => {
  const paths = [...(await listsOfFiles()).values()].flat();
  for (const path of new Set(paths)) {
    assertEquals(await isThere(path), !planned.has(path), `${path} (see planned in this test)`);
  }
  assertEquals([...planned].filter((path) => !paths.includes(path)), []);
});

Deno.test("every other path that CONTRIBUTING.md names is there", async () => {
  const text = await Deno.readTextFile(join(root, "CONTRIBUTING.md"));
  const named = [...text.matchAll(/`((?:lib|tests)\/[^`]*\w)\/?`/g)].map(([, path]) => path!);
  for (const path of named.filter((one) => !planned.has(one))) assert(await isThere(path), path);
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
      await Deno.writeTextFile(join(folder, "toy_program.ts"), program);
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
