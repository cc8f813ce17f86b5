/** Every further network gives PyTorch's logits, features, gradients and statistics. */
import { tf } from "../../lib/backend/tf.ts";
import { type AnyNetworkOptions, makeNetwork } from "../../lib/nn/architectures.ts";
import type { Network } from "../../lib/nn/network_options.ts";
import { assert, assertEquals } from "../../lib/assert/mod.ts";
import golden from "../golden/architectures.json" with { type: "json" };
import { fillWithFormula, formulaPixels } from "../golden/formula_weights.ts";

/** Formula weights with a quarter of each block's second batch norm, as the script has them. */
function fillDamped(model: Network): void {
  fillWithFormula(model);
  for (const [name, variable] of model.parameters) {
    if (!name.endsWith("bn2.weight")) continue;
    const quarter = tf.div(variable, 4);
    variable.assign(quarter);
    quarter.dispose();
  }
}

function assertClose(
  what: string,
  actual: ArrayLike<number>,
  expected: readonly number[],
  tolerance: number,
): void {
  let worst = actual.length === expected.length ? 0 : Infinity;
  for (const [k, value] of expected.entries()) {
    worst = Math.max(worst, Math.abs(actual[k]! - value));
  }
  assert(worst <= tolerance, `${what}: largest difference ${worst} exceeds ${tolerance}`);
}

for (const one of golden.cases) {
  Deno.test(`${one.name} has PyTorch's names, logits, features, gradients and running statistics`, () => {
    const { mean, std } = golden;
    const options = one.options as AnyNetworkOptions;
    const network = makeNetwork(one.architecture, { ...options, mean, std, seed: 9 });
    fillDamped(network);
    const names = [...network.parameters.keys(), ...network.buffers.keys()];
    assertEquals(names.toSorted(), one.names);
    const count = [...network.parameters.values()].reduce((sum, { size }) => sum + size, 0);
    assertEquals(count, one.parameters);
    tf.tidy(() => {
      const x = formulaPixels(golden.n);
      const { logits, features } = network.forward(x);
      assertClose("logits", logits.dataSync(), one.logits, 1e-3);
      const width = one.features.length / golden.n;
      const first = tf.slice(features, [0, 0], [golden.n, width]);
      assertClose("features", first.dataSync(), one.features, 1e-3);
      const energy = (x: tf.Tensor) =>
        tf.sum(tf.square(network.forward(x as tf.Tensor4D).logits)) as tf.Scalar;
      const gradient = tf.reshape(tf.grad(energy)(x), [golden.n, -1]);
      const norms = tf.norm(gradient, 2, 1).dataSync();
      const relative = norms.map((norm, k) => norm / one.gradientNorms[k]!);
      assertClose("gradient norms", relative, one.gradientNorms.map(() => 1), 1e-2);
      const trained = network.forward(x, { training: true }).logits;
      assertClose("logits in training", trained.dataSync(), one.trainLogits, 1e-3);
    });
    for (const [name, expected] of Object.entries(one.statistics)) {
      assertClose(name, network.buffers.get(name)!.dataSync().slice(0, 16), expected, 1e-4);
    }
    network.dispose();
  });
}
