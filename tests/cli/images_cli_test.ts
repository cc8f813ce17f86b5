/** `--images` in train and eval: a folder of pictures from training to page. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../lib/assert/mod.ts";
import { directoryWith } from "../data/fixtures.ts";

const fixtures = new URL("../fixtures/images/", import.meta.url);

async function run(command: "train" | "eval", ...args: string[]) {
  const script = fileURLToPath(new URL(`../../lib/cli/${command}.ts`, import.meta.url));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-check", "-A", script, ...args],
    env: { LAB_DATA: "", NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Two classes of twelve different pictures each. */
async function folderOfPictures(): Promise<string> {
  const kinds = [...Deno.readDirSync(new URL("kinds", fixtures))].map(({ name }) => name).sort();
  const files = await Promise.all(
    kinds.slice(0, 24).map(async (name, k) => {
      const bytes = await Deno.readFile(new URL(`kinds/${name}`, fixtures));
      return [`own/${k % 2 ? "odd" : "even"}/${name}`, bytes] as const;
    }),
  );
  return join(await directoryWith(Object.fromEntries(files)), "own");
}

/** Two charts, one of attacked images; few images a batch. */
const quick = [
  ...["--confusion", "--sweep", "--sweep-epsilons=0,8/255", "--sweep-iters=1"],
  ...["--sweep-max-batches=1", "--batch-size=4"],
];

Deno.test("own pictures go from training to a page, and none is tested on that was trained on", async () => {
  const images = await folderOfPictures();
  const out = join(images, "..", "run");
  const size = ["--image-size", "16", "--batch-size", "6", "--epochs", "1"];
  const trained = await run("train", "--images", images, ...size, "--out", out);
  assertEquals(trained.code, 0, trained.stderr);
  assertMatch(trained.stdout, /own test, 5 images, custom/);
  const record = JSON.parse(await Deno.readTextFile(join(out, "images.json")));
  const parts = record.files.map(({ part }: { part: string }) => part);
  const count = (part: string) => parts.filter((one: string) => one === part).length;
  assertEquals([count("train"), count("validation"), count("test")], [17, 2, 5]);
  assertEquals(record.classNames, ["even", "odd"]);

  const checkpoint = ["--checkpoint", join(out, "best.safetensors")];
  const examples = join(out, "pgd.safetensors");
  const asked = [...quick, "--temperature-scaling", "--save-examples", examples];
  const tested = await run("eval", ...checkpoint, "--images", images, ...asked);
  assertEquals(tested.code, 0, tested.stderr);
  assertStringIncludes(tested.stderr, "19 of 24 images");
  assertMatch(tested.stdout, /^own test, 5 images, custom/);
  const metrics = JSON.parse(await Deno.readTextFile(join(out, "own-test.metrics.json")));
  assertEquals([metrics.n, metrics.classNames.length], [5, 2]);
  const tests = new Set(
    record.files.filter(({ part }: { part: string }) => part === "test")
      .map(({ sha256 }: { sha256: string }) => sha256),
  );
  const evaluated = JSON.parse(await Deno.readTextFile(join(out, "own-test.images.json")));
  assertEquals(evaluated.files.length, 5);
  for (const { sha256 } of evaluated.files) assert(tests.has(sha256));
  const page = await Deno.readTextFile(join(out, "own-test.html"));
  assertStringIncludes(page, "own test, 5 images, custom");
  assert(page.split("<svg").length > 2);

  assertMatch(tested.stdout, /saved 4 PGD examples, \d of them answered right/);
  const told = await run("eval", ...checkpoint, "--examples", examples);
  assertEquals(told.code, 0, told.stderr);
  assertMatch(
    told.stdout,
    /^4 examples by pgd at 8\/255 \(linf\) against run\/best.safetensors sha256/,
  );
  const transfer = JSON.parse(await Deno.readTextFile(join(out, "pgd.transfer.json")));
  // On its own examples a model answers as it was saved.
  assertEquals(transfer.accuracy, transfer.sourceAccuracy);
  assertEquals([transfer.n, transfer.transfer.of], [4, transfer.transfer.count]);

  for (const file of record.files) {
    if (file.part === "test") await Deno.remove(join(images, file.path));
  }
  const nothing = await run("eval", ...checkpoint, "--images", images);
  assertEquals(nothing.code, 1);
  assertStringIncludes(nothing.stderr, "trained or chosen on every image");
});

Deno.test("flags about the lab's data sets are refused beside --images", async () => {
  const images = await folderOfPictures();
  const cases = [
    ["train", "--dataset", "mnist"],
    ["eval", "--data", "x", "--checkpoint", "x"],
  ] as const;
  for (const [name, ...flags] of cases) {
    const { code, stderr } = await run(name, "--images", images, ...flags);
    assertEquals(code, 1);
    assertStringIncludes(stderr, `${flags[0]} has no effect with --images`);
  }
});
