import { join } from "node:path";
import { bindingFiles } from "./binding.ts";
import { onnxFiles } from "./_install_onnx.ts";
import { packageFiles } from "./_package_files.ts";
import { type PartName, requirementsOf } from "./parts.ts";
import type { SetupPaths } from "./paths.ts";
import { environmentFiles, requiredFiles } from "./_venv_files.ts";

/**
 * The files that a finished part consists of.
 *
 * @param detail What was installed; a binding's `folder` is relative to the project.
 * @returns Absolute paths.
 * @throws {Error} If something that must be there is not.
 */
export async function filesOfPart(
  part: PartName,
  paths: SetupPaths,
  detail: Readonly<Record<string, string>>,
): Promise<string[]> {
  switch (part) {
    case "packages":
      return await packageFiles(paths);
    case "python":
      return await environmentFiles(paths);
    case "binding":
      return await bindingFiles(paths, join(paths.root, detail.folder ?? ""));
    case "cluster":
    case "lab":
      return await requiredFiles(paths, requirementsOf(part));
    case "onnx":
      return await onnxFiles(paths);
    case "notebooks":
      return [
        ...await requiredFiles(paths, requirementsOf(part)),
        paths.kernelDeno,
        join(paths.kernel, "kernel.json"),
      ];
  }
}
