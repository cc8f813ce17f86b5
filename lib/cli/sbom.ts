/** `deno task sbom`: lists every package that a set-up may install, with its licence. */
import { join } from "node:path";
import { checkoutRoot } from "../experiments/records/run_paths.ts";
import { replaceByWayOfDocs, writeDocuments } from "./readme/documents.ts";
import { runCommandLine } from "./_run_command_line.ts";
import { BOM_FILE, makeBom, noticeText, readBom } from "./sbom/bom.ts";

async function main(): Promise<number> {
  const root = checkoutRoot();
  const before = await Deno.readTextFile(join(root, BOM_FILE)).catch(() => "");
  const bom = await makeBom(root);
  await replaceByWayOfDocs(root, BOM_FILE, bom);
  const packages = await readBom(root);
  await replaceByWayOfDocs(root, "NOTICE", noticeText(packages));
  const changed = [...(bom === before ? [] : [BOM_FILE]), ...await writeDocuments(root)];
  const what = changed.length === 0 ? "Nothing to change" : `Wrote ${changed.join(", ")}`;
  console.log(`${what}: ${packages.length} packages.`);
  return 0;
}

if (import.meta.main) await runCommandLine(main);
