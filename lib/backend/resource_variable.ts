import { tf } from "./tf.ts";
import { type Attribute, attribute, nativeBackend } from "./native_op.ts";

// Made once: an optimizer step runs these kernels a few hundred times.
const TYPE = [attribute.float32("T")];
const VARIABLE_TYPE = [attribute.float32("dtype")];
const TYPE_WITHOUT_NESTEROV = [...TYPE, attribute.bool("use_nesterov", false)];
const TYPE_WITH_NESTEROV = [...TYPE, attribute.bool("use_nesterov", true)];

/**
 * A float32 tensor in TensorFlow's own variable storage, where optimizer kernels update it in place
 * with several threads (a GPU has the same kernels). TensorFlow.js's variables are immutable tensors
 * that are exchanged, which costs several passes over all weights at each step.
 */
export class ResourceVariable {
  readonly shape: readonly number[];
  readonly #handle: number;

  /** @param initial Copied. */
  constructor(initial: tf.Tensor, name: string) {
    this.shape = initial.shape;
    const { binding } = nativeBackend();
    const [handle] = binding.executeOp(
      "VarHandleOp",
      [
        attribute.string("container", ""),
        attribute.string("shared_name", name),
        attribute.float32("dtype"),
        { name: "shape", type: binding.TF_ATTR_SHAPE, value: initial.shape },
      ],
      [],
      1,
    );
    this.#handle = handle!.id;
    this.assign(initial);
  }

  /** Sets the value; later updates leave `value` alone. */
  assign(value: tf.Tensor): void {
    tf.tidy(() => {
      // The variable would share the tensor's buffer; a fresh one keeps both independent.
      const fresh = tf.add(value, 0);
      this.#run("AssignVariableOp", VARIABLE_TYPE, [fresh]);
    });
  }

  /**
   * The current value, without a copy. The next in-place update must find this tensor disposed, or
   * TensorFlow copies the whole buffer first (and the tensor keeps the old value).
   */
  read(): tf.Tensor {
    const backend = nativeBackend();
    const [info] = backend.binding.executeOp("ReadVariableOp", VARIABLE_TYPE, [this.#handle], 1);
    return backend.createOutputTensor(info!);
  }

  /** `this -= rate * delta`. */
  subtractScaled(rate: tf.Scalar, delta: tf.Tensor): void {
    this.#run("ResourceApplyGradientDescent", TYPE, [rate, delta]);
  }

  /**
   * `velocity = momentum * velocity + gradient; this -= rate * velocity`; with nesterov
   * `this -= rate * (gradient + momentum * velocity)`.
   */
  applyMomentum(
    velocity: ResourceVariable,
    rate: tf.Scalar,
    gradient: tf.Tensor,
    momentum: tf.Scalar,
    nesterov = false,
  ): void {
    this.#run(
      "ResourceApplyMomentum",
      nesterov ? TYPE_WITH_NESTEROV : TYPE_WITHOUT_NESTEROV,
      [rate, gradient, momentum],
      [velocity],
    );
  }

  /** TensorFlow's Adam step; see {@linkcode createOptimizer} for how PyTorch's maps onto it. */
  applyAdam(
    moments: { readonly first: ResourceVariable; readonly second: ResourceVariable },
    settings: {
      readonly beta1Power: tf.Scalar;
      readonly beta2Power: tf.Scalar;
      readonly rate: tf.Scalar;
      readonly beta1: tf.Scalar;
      readonly beta2: tf.Scalar;
      readonly epsilon: tf.Scalar;
    },
    gradient: tf.Tensor,
  ): void {
    const { beta1Power, beta2Power, rate, beta1, beta2, epsilon } = settings;
    this.#run(
      "ResourceApplyAdam",
      TYPE_WITHOUT_NESTEROV,
      [beta1Power, beta2Power, rate, beta1, beta2, epsilon, gradient],
      [moments.first, moments.second],
    );
  }

  /** Frees the storage. */
  dispose(): void {
    const { binding } = nativeBackend();
    binding.executeOp(
      "DestroyResourceOp",
      [attribute.bool("ignore_lookup_error", true)],
      [this.#handle],
      0,
    );
    binding.deleteTensor(this.#handle);
  }

  #run(
    kernel: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.Tensor[],
    resources: readonly ResourceVariable[] = [],
  ): void {
    const backend = nativeBackend();
    const handles = [this.#handle, ...resources.map((resource) => resource.#handle)];
    backend.binding.executeOp(
      kernel,
      attributes,
      [...handles, ...backend.getInputTensorIds(inputs)],
      0,
    );
  }
}
