import { isFiniteTensor } from "../backend/finite_probe.ts";
import type { Classifier } from "../nn/classifier.ts";

/** The first parameter or buffer of a model that is not finite. */
export function brokenWeight({ parameters, buffers }: Classifier): string | undefined {
  return [...parameters, ...buffers].find(([, variable]) => !isFiniteTensor(variable))?.[0];
}

/**
 * Requires the weights that a run starts from to be finite: no rate would help, and there would be
 * no finite weights to keep.
 *
 * @throws {RangeError} Naming the weight.
 */
export function requireFiniteStart(model: Classifier): void {
  const name = brokenWeight(model);
  if (name === undefined) return;
  throw new RangeError(
    `Expected the model's weights to be finite but found NaN or infinity in ${name}; ` +
      `load or create the model again`,
  );
}
