/** Checks which folders import which, that no files import each other in a circle, and which names
 * start with `_`. */
import { basename, dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Folders of lib in layers: a file may import from its own layer and from earlier ones. */
export const LAYERS: readonly (readonly string[])[] = [
  ["arguments", "assert", "files", "format", "pages", "random", "terminal"],
  ["backend"],
  ["nn", "losses", "data"],
  ["metrics", "attacks", "train"],
  ["plots"],
  ["explorer"],
  ["experiments/specs"],
  ["experiments/records"],
  ["experiments/runs"],
  ["experiments/views"],
  ["experiments/report"],
  ["experiments"],
  [""], // lib/mod.ts and the other public modules
  ["cli"],
];

/** These take plain arrays: whoever loads them does not load TensorFlow. */
const WITHOUT_TENSORS = ["metrics", "plots"];
const TENSORS = "lib/backend/tf.ts";

/** Files and what each imports, as paths from the checkout's root. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** "all": every import. "loaded": those that load a file at once, so neither types nor `import()`. */
type ImportKind = "all" | "loaded";

function layerOf(file: string): number {
  const parts = dirname(file).split("/").slice(1);
  for (let length = parts.length; length >= 0; length--) {
    const folder = parts.slice(0, length).join("/");
    const found = LAYERS.findIndex((layer) => layer.includes(folder));
    if (found >= 0 && (folder !== "" || parts.length === 0)) return found;
  }
  throw new Error(`${file} is in no known folder of lib; name its layer in import_lint.ts`);
}

function importsOf(file: string, source: string, kind: ImportKind): string[] {
  const later = kind === "all" ? /(?!)/g : /\b(?:import|export) type [^;]*;|\bimport\(/g;
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "")
    .replace(later, "");
  const relativeNames = code.matchAll(/(?:\bfrom |\bimport\(|\bimport )\s*"(\.{1,2}\/[^"]+)"/g);
  return [...relativeNames].map(([, name]) => normalize(join(dirname(file), name!)));
}

/** Reads the imports of every TypeScript file below a folder. */
export async function readImports(
  root: string,
  kind: ImportKind = "all",
  folder = "lib",
): Promise<ImportGraph> {
  const graph = new Map<string, readonly string[]>();
  for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
    const path = `${folder}/${name}`;
    if (isDirectory) {
      for (const [file, imports] of await readImports(root, kind, path)) graph.set(file, imports);
    } else if (name.endsWith(".ts")) {
      graph.set(path, importsOf(path, await Deno.readTextFile(join(root, path)), kind));
    }
  }
  return graph;
}

/** Imports that leave lib, or that point from a layer to a later one. */
function wrongDirections(graph: ImportGraph): string[] {
  return [...graph].flatMap(([file, imports]) =>
    imports.filter((other) => !other.startsWith("lib/") || layerOf(other) > layerOf(file))
      .map((other) => `${file} imports ${other}, which is in a later layer or outside lib`)
  );
}

/** All files that a file imports, itself included, each with the file that imports it. */
function reach(graph: ImportGraph, from: string): Map<string, string> {
  const found = new Map<string, string>();
  const open = [from];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    for (const other of graph.get(file) ?? []) {
      if (!found.has(other)) {
        found.set(other, file);
        open.push(other);
      }
    }
  }
  return found;
}

/** The files from one to another along the imports. */
function path(found: ReadonlyMap<string, string>, from: string, to: string): string {
  const files = [to];
  do files.unshift(found.get(files[0]!)!); while (files[0] !== from);
  return files.join(" -> ");
}

function cycles(graph: ImportGraph): string[] {
  const reported = new Set<string>();
  return [...graph.keys()].flatMap((file) => {
    const found = reach(graph, file);
    if (!found.has(file) || reported.has(file)) return [];
    const circle = path(found, file, file);
    circle.split(" -> ").forEach((one) => reported.add(one));
    return [`files import each other in a circle: ${circle}`];
  });
}

function tensorsReached(graph: ImportGraph): string[] {
  const files = [...graph.keys()].filter((file) =>
    WITHOUT_TENSORS.some((folder) => file.startsWith(`lib/${folder}/`))
  );
  return files.flatMap((file) => {
    const found = reach(graph, file);
    return found.has(TENSORS)
      ? [`tensors where only plain arrays belong: ${path(found, file, TENSORS)}`]
      : [];
  });
}

/** Whether `name` is one that a program, a `mod.ts` or the compiler finds by itself. */
function isEntry(name: string): boolean {
  return name === "mod.ts" || /(_test|\.d)\.ts$/.test(name);
}

/**
 * Finds files whose names do not say who uses them: `_name.ts` belongs to its folder and the folders
 * in it, and every file that its own folder alone imports has such a name. What a `mod.ts` passes on
 * is public, and a file that nobody imports is a program.
 *
 * @returns One sentence a finding; empty if all is well.
 */
export function nameFindings(graph: ImportGraph): string[] {
  const importers = new Map<string, string[]>();
  for (const [file, imports] of graph) {
    for (const other of imports) importers.set(other, [...importers.get(other) ?? [], file]);
  }
  return [...importers].flatMap(([file, users]) => {
    const folder = dirname(file);
    const name = basename(file);
    if (isEntry(name)) return [];
    const stranger = users.find((user) => !user.startsWith(`${folder}/`));
    const own = users.every((user) => dirname(user) === folder && basename(user) !== "mod.ts");
    if (name.startsWith("_")) {
      return stranger === undefined
        ? []
        : [`${stranger} imports ${file}, which belongs to its folder: drop the _ from its name`];
    }
    return own ? [`${file} is imported by its own folder alone: name it _${name}`] : [];
  });
}

/**
 * Finds what is wrong with the imports of lib.
 *
 * @param loaded The imports that load a file at once. Default all.
 * @returns One sentence a finding; empty if all is well.
 */
export function importFindings(graph: ImportGraph, loaded = graph): string[] {
  return [
    ...wrongDirections(graph),
    ...cycles(graph),
    ...tensorsReached(loaded),
    ...nameFindings(graph),
  ];
}

if (import.meta.main) {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const graph = await readImports(root);
  const findings = importFindings(graph, await readImports(root, "loaded"));
  for (const finding of findings) console.error(finding);
  const where = relative(Deno.cwd(), join(root, "lib")) || "lib";
  console.log(`Imports of ${graph.size} files in ${where}: ${findings.length} findings.`);
  Deno.exit(findings.length === 0 ? 0 : 1);
}
