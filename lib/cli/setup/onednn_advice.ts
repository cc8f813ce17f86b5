/** TensorFlow's switch, as in lib/backend/_environment.ts, which cannot be imported without a binding. */
const VARIABLE = "TF_ENABLE_ONEDNN_OPTS";

/**
 * Whether oneDNN is in use, and what a user may do where it is not.
 *
 * @param on What TensorFlow's log says.
 * @param choice The user's own setting of the switch. Default: the environment's.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(oneDnnAdvice(true), "oneDNN on");
 * ```
 */
export function oneDnnAdvice(
  on: boolean,
  choice: string | undefined = Deno.env.get(VARIABLE),
): string {
  if (on) return "oneDNN on";
  const slower = "oneDNN OFF: training is slower, on some processors several times";
  return choice === undefined || /^(1|true)$/i.test(choice)
    ? `${slower}; this build of TensorFlow has no oneDNN (x86-64 builds have it)`
    : `${slower}; to switch it on, run: unset ${VARIABLE} (it is "${choice}")`;
}
