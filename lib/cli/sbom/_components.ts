/** What set-up installs, as deno.lock, the requirement files and the pins of set-up name it. */
import { join } from "node:path";
import { z } from "zod";
import { CUDA_LIBRARIES, CUDA_TENSORFLOW } from "../setup/gpu_pins.ts";
import { requirementsOf } from "../setup/parts.ts";
import { DENO_WHEELS, type PinnedWheel, TENSORFLOW_WHEELS } from "../setup/pins.ts";

/** Which registry a package comes from. */
export type Registry = "npm" | "pypi" | "jsr";

/** One package of one version. */
export interface Component {
  readonly registry: Registry;
  readonly name: string;
  readonly version: string;
  /** Of each file that may be installed, in hexadecimal. */
  readonly hashes: readonly { readonly alg: "SHA-256" | "SHA-512"; readonly content: string }[];
  /** Whether the project itself asks for it, and not only another package. */
  readonly direct: boolean;
  /** Addresses of the packages that it needs; known of npm's alone. */
  readonly needs: readonly string[];
}

/** A component's package URL, e.g. "pkg:npm/zod@4.1.12". */
export function packageUrl(
  { registry, name, version }: Pick<Component, "registry" | "name" | "version">,
): string {
  const [scope, bare] = name.startsWith("@") ? name.split("/") : ["", name];
  const path = scope === "" ? bare : `${encodeURIComponent(scope!)}/${bare}`;
  // The list of package URL types has no jsr yet.
  return registry === "jsr"
    ? `pkg:generic/${path}@${version}?download_url=https://jsr.io/${name}`
    : `pkg:${registry}/${path}@${version}`;
}

const lockSchema = z.object({
  npm: z.record(
    z.string(),
    z.object({ integrity: z.string(), dependencies: z.array(z.string()).default([]) }),
  ),
});

/** "@a/b@1.0.0_peer@2.0.0" in name and version; the peers only say which copy it is. */
function nameAndVersion(key: string): [name: string, version: string] {
  const [, name, version] = /^(@?[^@]+)@([^_]+)/.exec(key) ?? [];
  if (name === undefined || version === undefined) {
    throw new Error(`Expected a package of deno.lock to read NAME@VERSION but found ${key}`);
  }
  return [name, version];
}

function npmComponents(lock: unknown, imports: Readonly<Record<string, string>>): Component[] {
  const { npm } = lockSchema.parse(lock);
  const direct = new Set(Object.values(imports));
  const keys = Object.keys(npm);
  /** A dependency has a version only where the lock holds several. */
  const keyOf = (dependency: string) => {
    const found = keys.find((key) => key === dependency || key.startsWith(`${dependency}_`)) ??
      keys.find((key) => nameAndVersion(key)[0] === dependency);
    if (found === undefined) throw new Error(`deno.lock has no ${dependency}`);
    return found;
  };
  const addressOf = (key: string) => {
    const [name, version] = nameAndVersion(key);
    return packageUrl({ registry: "npm", name, version });
  };
  return Object.entries(npm).map(([key, { integrity, dependencies }]) => {
    const [name, version] = nameAndVersion(key);
    const bytes = Uint8Array.fromBase64(integrity.replace(/^sha512-/, ""));
    return {
      registry: "npm",
      name,
      version,
      hashes: [{ alg: "SHA-512", content: bytes.toHex() }],
      direct: direct.has(`npm:${name}@${version}`),
      needs: [...new Set(dependencies.map((one) => addressOf(keyOf(one))))].sort(),
    };
  });
}

/** Python's names of packages differ in case and in "-", "_" and ".". */
const pythonName = (name: string) => name.toLowerCase().replace(/[-_.]+/g, "-");

/** Packages that the requirement files were made from. */
const ASKED_FOR = [
  "nbclient",
  "nbconvert",
  "nbformat",
  "jupyter-client",
  "jupyter-core",
  "jupyterlab",
  "distributed",
  "cryptography",
];

function pythonComponents(requirements: string): Component[] {
  const entries = requirements.matchAll(
    /^([\w.-]+)==([^\s;\\]+)[^\n]*\\\n((?: +--hash=sha256:[0-9a-f]+[ \\]*\n?)+)/gm,
  );
  return Array.from(entries, ([, name, version, hashes]) => ({
    registry: "pypi",
    name: pythonName(name!),
    version: version!,
    hashes: Array.from(
      hashes!.matchAll(/sha256:([0-9a-f]+)/g),
      ([, content]) => ({ alg: "SHA-256" as const, content: content! }),
    ),
    direct: ASKED_FOR.includes(pythonName(name!)),
    needs: [],
  }));
}

const wheelComponent = ({ name, version, sha256 }: PinnedWheel): Component => ({
  registry: "pypi",
  name: pythonName(name),
  version,
  hashes: [{ alg: "SHA-256", content: sha256 }],
  direct: true,
  needs: [],
});

function jsrComponents(imports: Readonly<Record<string, string>>): Component[] {
  return Object.values(imports).flatMap((specifier) => {
    const [, name, version] = /^jsr:(@[^@]+)@\^?(.+)$/.exec(specifier) ?? [];
    return name === undefined || version === undefined
      ? []
      : [{ registry: "jsr", name, version, hashes: [], direct: true, needs: [] }];
  });
}

/** Joins what several lists name: the same package for several platforms is one component. */
function merged(components: readonly Component[]): Component[] {
  const byUrl = new Map<string, Component>();
  for (const component of components) {
    const url = packageUrl(component);
    const known = byUrl.get(url);
    const hashes = [...known?.hashes ?? [], ...component.hashes];
    byUrl.set(url, {
      ...component,
      hashes: hashes.filter(({ content }, k) =>
        hashes.findIndex((other) => other.content === content) === k
      ),
      direct: component.direct || known?.direct === true,
      needs: [...new Set([...known?.needs ?? [], ...component.needs])].sort(),
    });
  }
  return [...byUrl].sort(([a], [b]) => a < b ? -1 : 1).map(([, component]) => component);
}

/**
 * Lists every package that a set-up of a checkout may install, on any platform.
 *
 * @param root The checkout.
 * @throws {Error} If deno.lock is of another form.
 */
export async function listComponents(root: string): Promise<Component[]> {
  const { imports } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  const lock = JSON.parse(await Deno.readTextFile(join(root, "deno.lock")));
  const parts = ["notebooks", "cluster", "lab"] as const;
  const requirements = await Promise.all(
    parts.map((part) => Deno.readTextFile(requirementsOf(part))),
  );
  const wheels = [
    ...Object.values(TENSORFLOW_WHEELS),
    ...Object.values(DENO_WHEELS),
    CUDA_TENSORFLOW,
    ...CUDA_LIBRARIES,
  ];
  return merged([
    ...npmComponents(lock, imports),
    ...jsrComponents(imports),
    ...requirements.flatMap(pythonComponents),
    ...wheels.map(wheelComponent),
  ]);
}
