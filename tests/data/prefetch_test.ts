import { tf } from "../../lib/backend/tf.ts";
import { batches } from "../../lib/data/batches.ts";
import { prefetchBatches } from "../../lib/data/prefetch_batches.ts";
import { proceduralDataset } from "../../lib/data/procedural/procedural_dataset.ts";
import { assertEquals, assertThrows } from "../../lib/assert/mod.ts";

const data = proceduralDataset("cifar10", "train", { limit: 23 });

Deno.test("prefetched batches equal the others bit for bit", async () => {
  for (const augment of ["none", "standard", "rotations"] as const) {
    const options = { batchSize: 5, shuffle: true, augment, seed: 3 };
    const expected = [...batches(data, options)];
    let count = 0;
    for await (const { x, y } of prefetchBatches(data, { ...options, ahead: 3 })) {
      const other = expected[count++]!;
      assertEquals(x.shape, other.x.shape);
      assertEquals(x.dataSync(), other.x.dataSync());
      assertEquals(y.dataSync(), other.y.dataSync());
      tf.dispose([x, y, other.x, other.y]);
    }
    assertEquals(count, 5);
  }
});

Deno.test("leaving the loop early ends the worker and leaves no tensors", async () => {
  const before = tf.memory().numTensors;
  for await (const { x, y } of prefetchBatches(data, { batchSize: 2 })) {
    tf.dispose([x, y]);
    break;
  }
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("options of prefetching out of range are refused at the call", () => {
  assertThrows(() => prefetchBatches(data, { ahead: 0 }), RangeError, "ahead");
  assertThrows(() => prefetchBatches(data, { batchSize: 0 }), RangeError, "batchSize");
});
