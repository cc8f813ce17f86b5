/** The software bill of materials in CycloneDX 1.6, and the NOTICE of licences. */
import { join } from "node:path";
import { z } from "zod";
import { type Component, listComponents, packageUrl } from "./_components.ts";
import { type Facts, findFacts } from "./_facts.ts";

/** The file's name in the checkout. */
export const BOM_FILE = "sbom.cdx.json";
/** The property that says when a version was released. */
const RELEASED = "lab:released";
/** The property of packages that the project itself asks for. */
const DIRECT = "lab:direct";

const bomSchema = z.object({
  components: z.array(z.object({
    name: z.string(),
    version: z.string(),
    purl: z.string(),
    licenses: z.array(z.union([
      z.object({ expression: z.string() }).transform(({ expression }) => expression),
      z.object({ license: z.object({ id: z.string() }) }).transform(({ license }) => license.id),
      z.object({ license: z.object({ name: z.string() }) })
        .transform(({ license }) => license.name),
    ])).length(1),
    properties: z.array(z.object({ name: z.string(), value: z.string() })),
  })),
});

/** A package as the file lists it. */
export interface ListedPackage {
  readonly name: string;
  readonly version: string;
  /** The package URL. */
  readonly purl: string;
  readonly licence: string;
  readonly released: string | undefined;
  /** Whether the project itself asks for it. */
  readonly direct: boolean;
}

/**
 * Reads the packages that the file lists.
 *
 * @returns None if there is no file.
 */
export async function readBom(root: string): Promise<ListedPackage[]> {
  let text: string;
  try {
    text = await Deno.readTextFile(join(root, BOM_FILE));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  return bomSchema.parse(JSON.parse(text)).components.map((component) => {
    const property = (name: string) => component.properties.find((one) => one.name === name)?.value;
    const { name, version, purl, licenses: [licence] } = component;
    return {
      name,
      version,
      purl,
      licence: licence!,
      released: property(RELEASED),
      direct: property(DIRECT) === "true",
    };
  });
}

/** The URLs of the packages that a set-up may install. */
export async function currentUrls(root: string): Promise<string[]> {
  return (await listComponents(root)).map(packageUrl);
}

/** An SPDX id has no spaces; an expression joins several. */
function licenceEntry(licence: string) {
  if (/^[\w.+-]+$/.test(licence) && licence !== "BSD") return { license: { id: licence } };
  if (/^\(?[\w.+-]+( (AND|OR|WITH) [\w.+-]+)+\)?$/.test(licence)) return { expression: licence };
  return { license: { name: licence } };
}

function entryOf(component: Component, { licence, released }: Facts) {
  const purl = packageUrl(component);
  const { name, version, hashes, direct } = component;
  const [group, bare] = name.startsWith("@") ? name.split("/") : [undefined, name];
  return {
    type: "library",
    "bom-ref": purl,
    ...(group === undefined ? {} : { group }),
    name: bare!,
    version,
    ...(hashes.length === 0 ? {} : { hashes }),
    licenses: [licenceEntry(licence)],
    purl,
    properties: [
      { name: DIRECT, value: String(direct) },
      ...(released ? [{ name: RELEASED, value: released }] : []),
    ],
  };
}

/**
 * Makes the bill of materials; what the present file says of a package is not asked again.
 *
 * @param root The checkout.
 * @returns JSON; the same for the same packages, on any machine and day.
 * @throws {Error} If a package is new and its registry cannot be asked.
 */
export async function makeBom(root: string): Promise<string> {
  const components = await listComponents(root);
  const known = new Map((await readBom(root)).map((one): [string, Facts] => [one.purl, one]));
  const facts = await findFacts(root, components, known);
  const { version, license } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  const self = "trusted-ai-lab";
  const bom = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": self,
        name: self,
        version,
        licenses: [{ license: { id: license } }],
      },
    },
    components: components.map((one) => entryOf(one, facts.get(packageUrl(one))!)),
    dependencies: [
      { ref: self, dependsOn: components.filter(({ direct }) => direct).map(packageUrl) },
      ...components.filter(({ needs }) => needs.length > 0)
        .map((one) => ({ ref: packageUrl(one), dependsOn: one.needs })),
    ],
  };
  return linesOf(bom);
}

/** JSON with one component a line, so that a change shows what changed. */
function linesOf(bom: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(bom).map(([name, value]) => {
    const items = Array.isArray(value) ? value.map((item) => `\n  ${JSON.stringify(item)}`) : [];
    return `"${name}": ${items.length > 0 ? `[${items.join(",")}\n ]` : JSON.stringify(value)}`;
  });
  return `{\n ${fields.join(",\n ")}\n}\n`;
}

/**
 * The text of NOTICE: every package by its licence.
 *
 * @param packages As {@linkcode readBom} gives them.
 */
export function noticeText(packages: readonly ListedPackage[]): string {
  const byLicence = new Map<string, string[]>();
  for (const { licence, purl } of packages) {
    const name = decodeURIComponent(purl.replace(/^pkg:(generic\/)?|\?.*$/g, ""));
    byLicence.set(licence, [...byLicence.get(licence) ?? [], `  ${name}`]);
  }
  const lists = [...byLicence].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([licence, names]) => `${licence}\n${names.join("\n")}\n`);
  return `The trusted-AI lab is under the MIT licence: see LICENSE.

It holds no code of others. Set-up installs the packages below from npm, JSR and the Python package
index, each under its own licence, which lies in the package; some are for one platform, one version
of Python or a GPU alone. Pages that the lab writes carry Temml's style sheet and font, and its
pictures are drawn with DejaVu's letters. \`deno task sbom\` writes this list.

${lists.join("\n")}`;
}
