/**
 * Prints the SHA-256 of the decoded images and labels of each split, for `contents` in lib/data/sets.
 * A file that has a published MD5 sum must match it.
 *
 *   deno run --allow-read --allow-env tests/golden/dataset_contents.ts DATA
 */
import { fileDigest } from "../../lib/files/file_digest.ts";
import { datasetDefinition, datasetNames, splits } from "../../lib/data/dataset.ts";
import { findDatasetFiles } from "../../lib/data/dataset_files.ts";
import { sha256 } from "../../lib/format/sha256.ts";

const [directory = "data/raw"] = Deno.args;
for (const name of datasetNames) {
  const { counts, read, officialFiles } = datasetDefinition(name);
  const { present, missing } = await findDatasetFiles(name, directory);
  for (const split of splits) {
    if (missing[split].length > 0) continue;
    for (const path of present[split]) {
      const published = officialFiles.find((remote) => path.endsWith(remote.path))?.md5;
      const found = await fileDigest(path, "md5");
      const verdict = published === undefined
        ? "no MD5 of its own is published"
        : published === found
        ? "as published"
        : `not the published file (${published})`;
      console.log(`${path}: MD5 ${found}, ${verdict}`);
    }
    const { images, labels } = await read(present[split], counts[split]);
    console.log(`${name} ${split}, ${labels.length} images: ${sha256(images, labels)}`);
  }
}
