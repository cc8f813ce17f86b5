/** `deno task tune`: every choice of a table is measured, and the result is a table. */
import { tf } from "../../lib/backend/tf.ts";
import { CONVOLUTION_FORMS } from "../../lib/backend/convolution.ts";
import { CONVOLUTION_CLASSES } from "../../lib/backend/convolution_class.ts";
import { PASSES } from "../../lib/backend/convolution_form.ts";
import { shippedTable } from "../../lib/backend/kernel_table.ts";
import { tunedTable } from "../../lib/backend/tuning_file.ts";
import { fastest, timesOf } from "../../lib/cli/tune/_compare_times.ts";
import { tune } from "../../lib/cli/tune/tune.ts";
import { assert, assertEquals } from "../../lib/assert/mod.ts";

Deno.test("tuning measures every class and library of the table, and leaves no tensor", () => {
  const { name: _, ...shipped } = shippedTable();
  const before = tf.memory().numTensors;
  const { choices, measured } = tune(shipped, { rounds: 1, batch: 2 });
  assertEquals(tf.memory().numTensors, before);
  for (const kind of CONVOLUTION_CLASSES.filter((kind) => kind !== "other")) {
    for (const pass of PASSES) {
      const { times, chosen } = measured.find(({ what }) => what === `${kind}, ${pass}`)!;
      assert(times.size > 1 && times.has(chosen), `${kind}, ${pass}`);
      const form = choices.convolutions[kind][pass];
      assertEquals(form, chosen);
      assert(CONVOLUTION_FORMS[form][pass]);
    }
  }
  assertEquals(measured.length, 3 * (CONVOLUTION_CLASSES.length - 1) + 7);
  assert(tunedTable(choices).name.startsWith("tuned-"));
});

Deno.test("candidates take turns; the first call of each is not counted", () => {
  const calls: string[] = [];
  const candidates = new Map(["a", "b"].map((name) => [name, () => calls.push(name)]));
  const times = timesOf(candidates, 2);
  assertEquals(calls.join(""), "ababab");
  assertEquals([...times.keys()], ["a", "b"]);
});

Deno.test("the shipped choice stays unless another is clearly faster, or it cannot be had", () => {
  const times = new Map([["a", 1], ["b", 0.97], ["c", 2]]);
  assertEquals(fastest(times, "a"), "a");
  assertEquals(fastest(times, "c"), "b");
  assertEquals(fastest<string>(times, "d"), "b");
});
