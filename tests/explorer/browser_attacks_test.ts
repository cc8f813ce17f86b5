/** The library's attacks in headless Chromium give what they give here, and what PyTorch gave. */
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundleForBrowser } from "../../lib/cli/explore/_bundle_for_browser.ts";
import { wasmModule } from "../../lib/cli/explore/_wasm_module.ts";
import { withScratchFolder } from "../../lib/files/scratch_folder.ts";
import { assert, assertEquals } from "../../lib/assert/mod.ts";
import attackGolden from "../golden/attacks.json" with { type: "json" };
import modelGolden from "../golden/model.json" with { type: "json" };
import { CHROMIUM, hasChromium, withBrowser } from "../pages/_browser.ts";
import { attackResNet, type Found } from "./_resnet_attacks.ts";

interface Answer {
  readonly error?: string;
  readonly models: readonly {
    readonly name: string;
    readonly logits: readonly number[];
    readonly fgsm: readonly number[];
    readonly answers: readonly number[];
    readonly expectedAnswers: readonly number[];
  }[];
  readonly resnet?: Found;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = fileURLToPath(new URL("_attack_golden_program.ts", import.meta.url));
const WAIT_MS = 300_000;

function largestDifference(actual: readonly number[], expected: readonly number[]): number {
  assertEquals(actual.length, expected.length);
  return actual.reduce((most, value, k) => Math.max(most, Math.abs(value - expected[k]!)), 0);
}

/** The share of pixels within 1e-4. */
function agreement(actual: readonly number[], expected: readonly number[]): number {
  return actual.filter((pixel, k) => Math.abs(pixel - expected[k]!) <= 1e-4).length /
    expected.length;
}

function requireSame({ error, models, resnet }: Answer): void {
  assertEquals(error, undefined);
  for (const [k, { name, ...found }] of models.entries()) {
    const expected = attackGolden.models[k]!;
    assert(largestDifference(found.logits, expected.logits) <= 1e-3, `${name}: logits`);
    assert(agreement(found.fgsm, expected.fgsm) >= 0.99, `${name}: FGSM`);
    assertEquals(found.answers, found.expectedAnswers, `${name}: PGD`);
  }
  const [native, found] = [attackResNet(), resnet!];
  const torch = modelGolden.cases[0]!.evalLogits.slice(0, found.logits.length);
  assert(largestDifference(found.logits, torch) <= 1e-3, "ResNet-18: logits");
  assert(agreement(found.fgsm, native.fgsm) >= 0.99, "ResNet-18: FGSM");
  assertEquals(found.noise, native.noise, "ResNet-18: noise");
  assertEquals(found.fooled, native.fooled, "ResNet-18: PGD");
}

Deno.test({
  name:
    "in headless Chromium on WebAssembly, logits, FGSM and PGD are PyTorch's and those of here" +
    (hasChromium ? "" : ` (ignored: needs chromium at ${CHROMIUM})`),
  ignore: !hasChromium,
  fn: () =>
    withScratchFolder(join(root, ".cache"), async (folder) => {
      const { code } = await bundleForBrowser(program);
      const page = join(folder, "page.html");
      const wasm = (await wasmModule()).toBase64();
      await Deno.writeTextFile(
        page,
        `<!DOCTYPE html><meta charset="utf-8"><title>t</title><script>
         globalThis.backend = "wasm"; globalThis.wasm = Uint8Array.fromBase64("${wasm}");
         </script><script type="module">${code.replaceAll("</script", "<\\/script")}</script>`,
      );
      await withBrowser(folder, async ({ open }) => {
        let answer: Answer | undefined;
        await open(pathToFileURL(page).href, {
          until: () => true,
          look: async (evaluate) => {
            const end = performance.now() + WAIT_MS;
            while (answer === undefined && performance.now() < end) {
              await new Promise((resolve) => setTimeout(resolve, 100));
              answer = await evaluate("globalThis.answer") as Answer | undefined;
            }
          },
        });
        requireSame(answer ?? { error: "no answer in time", models: [] });
      });
    }),
});
