/** Licence and day of release of a package: as installed, as listed before, or as its registry says. */
import { join } from "node:path";
import { z } from "zod";
import { type Component, packageUrl } from "./_components.ts";

/** What is known about one package. */
export interface Facts {
  /** An SPDX expression, or the publisher's own words. */
  readonly licence: string;
  /** The day of its release, e.g. "2024-10-21"; absent if it is not known. */
  readonly released?: string | undefined;
}

/** Short forms of what publishers write. */
const SPDX: Readonly<Record<string, string>> = {
  "mit license": "MIT",
  "apache 2.0": "Apache-2.0",
  "apache license 2.0": "Apache-2.0",
  "apache license, version 2.0": "Apache-2.0",
  "apache software license": "Apache-2.0",
  "bsd 3-clause license": "BSD-3-Clause",
  "bsd-3-clause license": "BSD-3-Clause",
  "modified bsd license": "BSD-3-Clause",
  "new bsd": "BSD-3-Clause",
  "bsd-2-clause license": "BSD-2-Clause",
  "isc license": "ISC",
  "isc license (iscl)": "ISC",
  "psf": "PSF-2.0",
  "psfl": "PSF-2.0",
  "dual license": "Apache-2.0 OR BSD-3-Clause", // python-dateutil
  "see license in readme.md and license": "Bitstream-Vera", // DejaVu
  "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
};

/** Of files too large to be fetched for a line of text; their publishers' licence. */
function knownLicence(name: string): string | undefined {
  if (name.startsWith("nvidia-")) return "NVIDIA Proprietary Software";
  if (name.startsWith("tensorflow")) return "Apache-2.0";
  return name === "deno" ? "MIT" : undefined;
}

function spdx(text: string): string {
  const bare = text.trim().replace(/^\(([^()]*)\)$/, "$1");
  return SPDX[bare.toLowerCase()] ?? bare;
}

async function output(
  program: string,
  args: readonly string[],
  input: string,
): Promise<string> {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (success) return new TextDecoder().decode(stdout);
  const reason = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  throw new Error(`${program} ${args.join(" ")} failed: ${reason}`);
}

const npmSchema = z.object({
  license: z.union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)])
    .optional(),
  time: z.record(z.string(), z.string()).optional(),
});

/** Asks npm's registry. */
async function npmFacts({ name, version, direct }: Component): Promise<Facts> {
  const fields = ["license", ...(direct ? ["time"] : [])];
  const text = await output("npm", ["view", `${name}@${version}`, ...fields, "--json"], "");
  const value = JSON.parse(text);
  const { license, time } = npmSchema.parse(typeof value === "string" ? { license: value } : value);
  if (license === undefined) {
    throw new Error(`${name} ${version} names no licence in npm's registry`);
  }
  return { licence: spdx(license), released: time?.[version]?.slice(0, 10) };
}

const pythonSchema = z.record(
  z.string(),
  z.object({ licence: z.string().nullable(), released: z.string() }),
);

/** Asks Python's package index. */
async function pythonFacts(components: readonly Component[]): Promise<Map<string, Facts>> {
  const script = new URL("./python_metadata.py", import.meta.url).pathname;
  const asked = components.map(({ name, version }) => [name, version]);
  const found = pythonSchema.parse(
    JSON.parse(await output("python3", [script], JSON.stringify(asked))),
  );
  return new Map(components.map((component) => {
    const { name, version } = component;
    const { licence, released } = found[`${name}==${version}`]!;
    const known = licence ?? knownLicence(name);
    if (known === undefined) throw new Error(`${name} ${version} names no licence in its wheel`);
    return [packageUrl(component), { licence: spdx(known), released }];
  }));
}

/** What an installed npm package says of its licence. */
async function installedLicence(root: string, { name, version }: Component) {
  const folder = `${name.replace("/", "+")}@${version}`;
  const path = join(root, "node_modules", ".deno", folder, "node_modules", name, "package.json");
  try {
    return npmSchema.parse(JSON.parse(await Deno.readTextFile(path))).license;
  } catch {
    return undefined;
  }
}

async function npmFactsOf(root: string, component: Component): Promise<Facts> {
  const licence = component.direct ? undefined : await installedLicence(root, component);
  return licence === undefined ? await npmFacts(component) : { licence: spdx(licence) };
}

/**
 * Finds the facts of every component; the registries are asked for those alone that are neither known
 * nor installed.
 *
 * @param known By package URL, as they were listed before.
 * @returns By package URL.
 * @throws {Error} If a registry cannot be asked, or a package names no licence.
 */
export async function findFacts(
  root: string,
  components: readonly Component[],
  known: ReadonlyMap<string, Facts>,
): Promise<Map<string, Facts>> {
  const facts = new Map<string, Facts>();
  const asked: Component[] = [];
  for (const component of components) {
    const url = packageUrl(component);
    const before = known.get(url);
    if (before !== undefined) facts.set(url, { ...before, licence: spdx(before.licence) });
    else if (component.registry === "jsr") facts.set(url, { licence: "MIT" }); // Deno's own
    else if (component.registry === "npm") facts.set(url, await npmFactsOf(root, component));
    else asked.push(component);
  }
  if (asked.length > 0) {
    for (const [url, found] of await pythonFacts(asked)) facts.set(url, found);
  }
  return facts;
}
