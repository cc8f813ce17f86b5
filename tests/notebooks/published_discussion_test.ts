import { assertEquals, assertRejects } from "../../lib/assert/mod.ts";
import { cellsOf } from "./_notebook.ts";
import { withFolder } from "../experiments/synthetic_run.ts";
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

/** Records of which only one figure is read: accuracies by run and seed. */
async function withRecords(
  accuracies: Readonly<Record<string, readonly number[]>>,
  use: (records: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    for (const [run, values] of Object.entries(accuracies)) {
      for (const [seed, accuracy] of values.entries()) {
        await Deno.mkdir(`${folder}/${run}-s${seed}`);
        await Deno.writeTextFile(
          `${folder}/${run}-s${seed}/svhn-test.metrics.json`,
          JSON.stringify({ accuracy }),
        );
      }
    }
    await use(folder);
  });
}

Deno.test("prose may cite mean and sd over seeds, and a paired difference with its interval", () =>
  // Gaps of 4, 2 and 6 points: 4 ± 4.97. The run ls-more must not be taken for a seed of ls.
  withRecords(
    { base: [0.8, 0.81, 0.82, 0.5], ls: [0.84, 0.83, 0.88], "ls-more": [0.1], one: [0.7] },
    async (records) => {
      const at = (run: string) => `${run}/svhn-test.metrics.json#/accuracy`;
      const gap = `over seeds of ${at("ls")} - ${at("base")}`;
      const text = `85.0 %<!-- mean over seeds of ${at("ls")} --> ± 2.65<!-- sd over seeds of ` +
        `${at("ls")} * 100 --> (n = 3<!-- n over seeds of ${at("ls")} -->), ` +
        `+4.00 points<!-- mean ${gap} --> [−0.97<!-- low ${gap} * 100 -->, ` +
        `+8.97<!-- high ${gap} * 100 -->], sd 2.0 points<!-- sd ${gap} -->, ` +
        `over 3<!-- n ${gap} --> seeds`;
      const numbers = await publishedNumbers(text, records);
      assertEquals(numbers.length, 8);
      assertEquals(numbers.map(({ written }) => written), numbers.map(({ expected }) => expected));
      assertEquals(unaddressedNumbers(text), []);
      const [wrong] = await publishedNumbers(
        `84.9 %<!-- mean over seeds of ${at("ls")} -->`,
        records,
      );
      assertEquals(wrong!.expected, "85.0");
      const refused = (address: string) =>
        assertRejects(() => publishedNumbers(`1<!-- ${address} -->`, records), Error);
      await refused(`sd over seeds of ${at("one")}`); // one seed has no spread
      await refused(`mean over seeds of ${at("one")} - ${at("ls")}`); // one shared seed
      await refused(`low over seeds of ${at("ls")}`);
      await refused(`mean over seeds of ${at("absent")}`);
      await refused(`mean over seeds of ${at("ls")} - ${at("base")} - ${at("base")}`);
    },
  ));
