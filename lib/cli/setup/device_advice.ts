import { deviceText, type ProbedDevice } from "./_probed_device.ts";
import { runCommand } from "./run_command.ts";

/**
 * The GPUs that NVIDIA's driver lists.
 *
 * @param program The driver's own program.
 * @returns Their names; none where there is no driver.
 */
export async function gpuNames(program = "nvidia-smi"): Promise<string[]> {
  const result = await runCommand(program, ["--query-gpu=name", "--format=csv,noheader"]);
  return result?.success ? result.stdout.trim().split("\n").filter(Boolean) : [];
}

/**
 * Where kernels run, and what a user may do about it.
 *
 * @param device What TensorFlow says.
 * @param way How the binding was got.
 * @param listed What NVIDIA's driver lists.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(deviceAdvice({ gpus: [] }, "wheel", []), "the CPU");
 * ```
 */
export function deviceAdvice(
  device: ProbedDevice,
  way: string,
  listed: readonly string[],
): string {
  const text = deviceText(device);
  if (device.gpus.length > 0) return text;
  const names = listed.join(", ");
  if (way !== "gpu") {
    return names === ""
      ? text
      : `${text}; to compute on the ${names}, run: npx --yes deno@2.9.6 task setup --gpu`;
  }
  return names === ""
    ? `${text}; NVIDIA's driver (nvidia-smi) is not there or lists no GPU`
    : `${text}; NVIDIA's driver lists ${names}`;
}
