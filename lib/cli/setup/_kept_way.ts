import type { BindingWay } from "./binding.ts";
import type { SetupPaths } from "./paths.ts";
import { readStamp } from "./stamp.ts";

/**
 * The way that set-up takes to TensorFlow's native part. GPU support and the official binary were asked
 * for by name: nothing but another name undoes them, neither other tasks' set-up nor a new version of
 * what they consist of.
 *
 * @param asked What this call of set-up asks for.
 */
export async function keptWay(
  paths: SetupPaths,
  asked: BindingWay | "auto",
): Promise<BindingWay | "auto"> {
  if (asked !== "auto") return asked;
  const stamp = await readStamp(paths.state, "binding");
  const way = stamp?.detail.way;
  return way === "gpu" || way === "official" ? way : "auto";
}
