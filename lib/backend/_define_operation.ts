/** A way to give a computation by kernels a gradient of its own. */
import { tf } from "./tf.ts";

/** Tensors by name. */
export type Tensors = { readonly [name: string]: tf.Tensor };

/** What an operation's forward pass gives. */
export interface Forward {
  readonly outputs: tf.Tensor[];
  /** What the gradient needs: inputs, outputs or anything in between. Default none. */
  readonly saved?: tf.Tensor[];
}

/** How an operation computes and how its gradient is found. */
export interface Operation<Settings> {
  forward(inputs: Tensors, settings: Settings): Forward;
  /**
   * One closure for each differentiable input. Each is called only where that input's gradient is
   * asked for, so an attack never pays for the weights' gradients.
   *
   * @param upstream The gradient of each output.
   * @param saved What the forward pass saved, in its order.
   */
  gradient(
    upstream: readonly tf.Tensor[],
    saved: readonly tf.Tensor[],
    settings: Settings,
  ): { [name: string]: () => tf.Tensor };
}

/** The engine's way to run a computation with a gradient of its own, which tfjs does not declare. */
interface Engine {
  runKernelFunc(call: {
    forwardFunc(backend: unknown, save: (saved: tf.Tensor[]) => void): tf.Tensor[];
    backwardsFunc(
      upstream: tf.Tensor | tf.Tensor[],
      saved: tf.Tensor[],
    ): { [name: string]: () => tf.Tensor };
    inputs: Tensors;
    attrs: Record<string, never>;
  }): tf.Tensor[];
}

/**
 * Defines a differentiable operation over native kernels.
 *
 * @returns A function that runs it on named inputs and records it on the tape.
 */
export function defineOperation<Settings extends object>(
  { forward, gradient }: Operation<Settings>,
): (inputs: Tensors, settings: Settings) => tf.Tensor[] {
  return (inputs, settings) =>
    (tf.engine() as unknown as Engine).runKernelFunc({
      forwardFunc(_backend, save) {
        const { outputs, saved = [] } = forward(inputs, settings);
        save(saved);
        return outputs;
      },
      backwardsFunc: (upstream, saved) =>
        gradient(Array.isArray(upstream) ? upstream : [upstream], saved, settings),
      inputs,
      attrs: {},
    });
}
