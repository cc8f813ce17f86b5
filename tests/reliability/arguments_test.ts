/** In a notebook no compiler looks at types: every public function must tell what it was given. */
import { assert, assertEquals } from "../../lib/assert/mod.ts";
import { publicFunctions } from "./_public_functions.ts";

/** What somebody might pass by mistake, for every argument. */
const MISTAKES: Readonly<Record<string, readonly unknown[]>> = {
  nothing: [],
  null: [null],
  "a text": ["x", "x", "x"],
  "a number": [NaN, NaN, NaN],
  "an empty object": [{}, {}, {}],
};

/** Mistakes that are none: arguments that may be left out, names of files and folders that do not exist. */
const VALID: Readonly<Record<string, readonly string[]>> = {
  dataProvider: ["nothing", "a text"],
  loadExamples: ["a text"],
  loadRecord: ["a text"],
  loadRecords: ["a text"],
  openLab: ["nothing", "an empty object"],
  publishedRuns: ["nothing"],
  preActResNet18: ["nothing", "an empty object"],
  resnet18: ["nothing", "an empty object"],
  resnet20: ["nothing", "an empty object"],
  resnet32: ["nothing", "an empty object"],
  resnet34: ["nothing", "an empty object"],
  resnet44: ["nothing", "an empty object"],
  resnet56: ["nothing", "an empty object"],
};

async function answer(call: () => unknown): Promise<string> {
  try {
    await call();
    return "no error";
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

Deno.test("every public function names a wrong argument and what it found", async () => {
  const silent: string[] = [];
  let tried = 0;
  for (const [name, call] of publicFunctions()) {
    for (const [mistake, args] of Object.entries(MISTAKES)) {
      if (VALID[name]?.includes(mistake)) continue;
      tried++;
      const said = await answer(() => call(...args));
      const expected =
        /^(RangeError|TypeError): Expected .+ (but found |not to be empty)/s.test(said) ||
        (name === "loadCheckpoint" && /^Error: Cannot read the checkpoint/.test(said));
      if (!expected) silent.push(`${name}(${mistake}): ${said}`);
    }
  }
  console.log(`${tried} wrong calls of public functions, each told what is wrong`);
  assertEquals(silent, []);
  assert(tried > 400, `only ${tried} wrong calls were tried`);
});
