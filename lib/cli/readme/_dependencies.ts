/** The table in docs/security.md of the packages that the project asks for itself. */
import { markdownTable } from "../../experiments/views/table.ts";
import type { ListedPackage } from "../sbom/bom.ts";
import { reasons } from "../sbom/reasons.ts";

function nameOf(purl: string): string {
  return decodeURIComponent(purl).replace(/^pkg:\w+\/|@[^@]*$/g, "").replace(/\?.*$/, "");
}

/** NVIDIA's libraries are many, and come with `setup --gpu` alone. */
const isGpu = (name: string) => name.startsWith("nvidia-");

/**
 * The table, one row for each package and version, and one for NVIDIA's.
 *
 * @param packages As sbom.cdx.json lists them.
 * @throws {Error} If no reason is given for a package.
 */
export function dependenciesBlock(packages: readonly ListedPackage[]): string {
  const direct = packages.filter(({ direct }) => direct)
    .map((one) => ({ ...one, name: nameOf(one.purl.replace(/\?.*$/, "")) }));
  const rows = direct.filter(({ name }) => !isGpu(name)).map(
    ({ name, version, released, licence }) => {
      const reason = reasons[name];
      if (reason === undefined) {
        throw new Error(`Say in lib/cli/sbom/reasons.ts why the project needs ${name}`);
      }
      return [`${name} ${version}`, released ?? "–", licence, reason];
    },
  );
  const gpu = direct.filter(({ name }) => isGpu(name));
  const days = gpu.flatMap(({ released }) => released ? [released] : []).sort();
  return markdownTable(["package", "released", "licence", "why"], [
    ...rows,
    ...(gpu.length === 0 ? [] : [[
      `${gpu.length} libraries of NVIDIA`,
      `${days[0]} to ${days.at(-1)}`,
      "NVIDIA's own",
      "`setup --gpu` alone",
    ]]),
  ]);
}
