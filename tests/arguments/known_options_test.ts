import {
  type OptionNames,
  requireKnownOptions,
  unknownOption,
} from "../../lib/arguments/known_options.ts";
import { trainOptionNames } from "../../lib/train/options.ts";
import { assertEquals, assertThrows } from "../../lib/assert/mod.ts";

/** What the sentence proposes; undefined where it lists all names. */
function proposed(name: string, names: readonly string[]): string | undefined {
  const table = Object.fromEntries(names.map((own) => [own, true] as const));
  return /: did you mean (.*)\?$/.exec(unknownOption(name, "f", table))?.[1];
}

Deno.test("other libraries' names lead to the option that means the same", () => {
  const attack = ["epsilon", "stepSize", "steps", "restarts", "norm", "seed"];
  const expected: Record<string, [string, string[]]> = {
    eps: ["epsilon", attack],
    alpha: ["stepSize", attack],
    iters: ["steps", attack],
    nb_iter: ["steps", attack],
    max_iter: ["steps", attack],
    eps_iter: ["stepSize", attack],
    n_restarts: ["restarts", attack],
    ord: ["norm", attack],
    random_state: ["seed", attack],
    lr: ["learningRate", ["epochs", "learningRate"]],
    wd: ["weightDecay", ["weightDecay", "momentum"]],
    bs: ["batchSize", ["epochs", "batchSize"]],
    n_classes: ["classes", ["classes", "seed"]],
    num_classes: ["classes", ["classes", "seed"]],
    batch_size: ["batchSize", ["epochs", "batchSize"]],
    n_bins: ["bins", ["bins"]],
    n_neighbors: ["k", ["k", "metric"]],
  };
  for (const [name, [meant, names]] of Object.entries(expected)) {
    assertEquals([name, proposed(name, names)], [name, meant]);
  }
});

Deno.test("an alias is proposed only where the function has its option", () => {
  assertEquals(proposed("lr", ["epsilon", "steps"]), undefined);
  assertEquals(proposed("lr", ["epsilon", "stepSize"]), "stepSize");
});

Deno.test("spelling is compared without case and underscores, up to a third of the letters", () => {
  assertEquals(proposed("LEARNING_RATE", ["learningRate"]), "learningRate");
  assertEquals(proposed("epsilno", ["epsilon"]), "epsilon");
  assertEquals(proposed("sedd", ["seed"]), "seed");
  assertEquals(proposed("abcdef", ["abcdxy"]), "abcdxy"); // 2 of 6
  assertEquals(proposed("abcdef", ["abcxyz"]), undefined); // 3 of 6
  assertEquals(proposed("abcde", ["abcxy"]), undefined); // 2 of 5
});

Deno.test("the nearest spelling wins, whatever the order", () => {
  assertEquals(proposed("imagesz", ["imageSize", "images"]), "images");
  assertEquals(proposed("imagesize_", ["images", "imageSize"]), "imageSize");
});

Deno.test("without a proposal all names are listed", () => {
  assertEquals(
    unknownOption("colour", "f", { epsilon: true, steps: true }),
    "Unknown option colour of f: expected one of epsilon, steps",
  );
});

Deno.test("an option of a nested object is proposed with its place", () => {
  const sentence = (name: string) => unknownOption(name, "train", trainOptionNames);
  assertEquals(
    sentence("epsilon"),
    "Unknown option epsilon of train: did you mean adversarial.epsilon?",
  );
  assertEquals(sentence("eps"), "Unknown option eps of train: did you mean adversarial.epsilon?");
  assertEquals(sentence("lr"), "Unknown option lr of train: did you mean learningRate?");
});

Deno.test("nested options are checked, and null stands for off", () => {
  const refused = (options: object) =>
    assertThrows(() => requireKnownOptions("train", options, trainOptionNames), TypeError);
  assertEquals(
    refused({ adversarial: { attack: "pgd", eps: 0.1 } }).message,
    "Unknown option eps of train.adversarial: did you mean epsilon?",
  );
  assertEquals(
    refused({ circle: { m: 0.4 } }).message,
    "Unknown option m of train.circle: did you mean margin?",
  );
  assertEquals(
    refused({ adversarial: "pgd" }).message,
    "Expected options of train.adversarial to be an object but found string pgd",
  );
  requireKnownOptions("train", { adversarial: null, circle: undefined }, trainOptionNames);
});

Deno.test("options that are no object are refused", () => {
  const found: [unknown, string][] = [
    [0.1, "number 0.1"],
    [null, "null"],
    ["pgd", "string pgd"],
    [[0.1], "a list"],
    [true, "boolean true"],
  ];
  for (const [options, what] of found) {
    assertThrows(
      () => requireKnownOptions("f", options, { epsilon: true }),
      TypeError,
      `Expected options of f to be an object but found ${what}`,
    );
  }
});

Deno.test("inherited options are checked too, names like toString are not known by themselves", () => {
  const names: OptionNames<{ epsilon?: number }> = { epsilon: true };
  requireKnownOptions("f", Object.create({ epsilon: 1 }), names);
  for (const options of [Object.create({ eps: 1 }), { toString: 1 }, { constructor: 1 }]) {
    assertThrows(() => requireKnownOptions("f", options, names), TypeError, "Unknown option");
  }
});

Deno.test("the compiler refuses a table with a missing or a surplus name", () => {
  // @ts-expect-error: steps is missing
  const missing: OptionNames<{ epsilon: number; steps?: number }> = { epsilon: true };
  // @ts-expect-error: eps is no name of the type
  const surplus: OptionNames<{ epsilon: number }> = { epsilon: true, eps: true };
  const union: OptionNames<{ a: number } | { b?: number }> = { a: true, b: true };
  assertEquals([missing, surplus, union].map((table) => Object.keys(table).length), [1, 2, 2]);
});
