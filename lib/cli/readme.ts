/** `deno task readme`: writes the generated parts of README.md and docs/*.md. */
import { checkoutRoot } from "../experiments/records/run_paths.ts";
import { writeDocuments } from "./readme/documents.ts";

if (import.meta.main) {
  const changed = await writeDocuments(checkoutRoot());
  console.log(changed.length === 0 ? "Nothing to change." : `Wrote ${changed.join(", ")}.`);
}
