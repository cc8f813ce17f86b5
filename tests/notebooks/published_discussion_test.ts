import { assertEquals, assertRejects } from "../assert.ts";
import { cellsOf } from "./_notebook.ts";
import { publishedNumbers, unaddressedNumbers } from "./_published_numbers.ts";

const NOTEBOOKS = [
  "1_generalization",
  "2_transfer",
  "3_adversarial",
  "4_calibration",
  "5_circle_loss",
];

for (const name of NOTEBOOKS) {
  Deno.test(`${name}: every number about the published run is the committed record's`, async () => {
    const cells = await cellsOf(name);
    const discussion = cells.filter(({ id }) => id.startsWith("published-discussion"));
    assertEquals(discussion.length > 0, true, `${name} discusses no published run`);
    const text = discussion.map(({ source }) => source).join("\n\n");
    assertEquals(unaddressedNumbers(text), []);
    const numbers = await publishedNumbers(text);
    assertEquals(
      numbers.map(({ written, address }) => `${written} ${address}`),
      numbers.map(({ expected, address }) => `${expected} ${address}`),
    );
  });
}

Deno.test("a number that differs from its record is noticed, and so is one without a record", async () => {
  const address = "mnist-train-s0/mnist-test.metrics.json#/n";
  const [right, wrong] = await publishedNumbers(
    `10,000<!-- ${address} --> and 9,999<!-- ${address} -->`,
  );
  assertEquals(right!.written, right!.expected);
  assertEquals(wrong!.expected, "10,000");
  assertEquals(unaddressedNumbers("It reads 12.3 % of them (95 % of `run-1`)."), ["12.3"]);
  await assertRejects(() => publishedNumbers("1<!-- mnist-train-s0/config.json#/id -->"));
});
