import { tf } from "../backend/tf.ts";

/** A model's variables under their names, in the order of creation. */
export class ParameterStore {
  readonly parameters: Map<string, tf.Variable> = new Map();
  readonly buffers: Map<string, tf.Variable> = new Map();

  /** Adds a trainable variable; takes over `initial`. */
  parameter<R extends tf.Rank>(name: string, initial: tf.Tensor<R>): tf.Variable<R> {
    const variable = tf.variable(initial, true);
    initial.dispose();
    this.parameters.set(name, variable);
    return variable;
  }

  /** Adds a variable that training does not optimise; takes over `initial`. */
  buffer<R extends tf.Rank>(name: string, initial: tf.Tensor<R>): tf.Variable<R> {
    const variable = tf.variable(initial, false);
    initial.dispose();
    this.buffers.set(name, variable);
    return variable;
  }

  /** Disposes every variable. */
  dispose(): void {
    for (const variable of this.parameters.values()) variable.dispose();
    for (const variable of this.buffers.values()) variable.dispose();
  }
}
