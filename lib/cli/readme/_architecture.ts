/** The tables of docs/architecture.md: the layers of lib, and where each part is shown. */
import { markdownTable } from "../../experiments/views/table.ts";
import { LAYERS } from "../import_lint.ts";

/** The layers as import_lint.ts checks them, the lowest first. */
export function layersBlock(): string {
  const rows = LAYERS.map((folders, k) => [
    String(k + 1),
    folders.map((folder) => `\`lib/${folder === "" ? "*.ts" : `${folder}/`}\``).join(", "),
  ]);
  return markdownTable(["layer", "folders"], rows);
}
