/** The explorer's page in headless Chromium, with networks that were never trained. */
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { explorerPage } from "../../lib/cli/explore/_explorer_page.ts";
import { loadDataset } from "../../lib/data/load_dataset.ts";
import { withScratchFolder } from "../../lib/files/scratch_folder.ts";
import { resnet20 } from "../../lib/nn/cifar_resnet.ts";
import { assert, assertEquals, assertMatch, assertNotEquals } from "../../lib/assert/mod.ts";
import { CHROMIUM, type Evaluate, hasChromium, withBrowser } from "../pages/_browser.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const WAIT_MS = 240_000;

/** The page with two small networks on stand-ins. */
async function smallPage(folder: boolean): Promise<ReadonlyMap<string, string>> {
  const test = await loadDataset("cifar10", "test", { source: "procedural", limit: 60 });
  const networks = [1, 2].map((seed) => ({
    name: `network ${seed}`,
    origin: "never trained",
    model: resnet20({ seed }),
  }));
  const settings = { images: 10, mapImages: 30, checkImages: 30 };
  const { files } = await explorerPage({ ...settings, networks, test, folder });
  for (const { model } of networks) model.dispose();
  return files;
}

/** Waits until an expression is true in the page. */
async function until(evaluate: Evaluate, expression: string): Promise<void> {
  const end = performance.now() + WAIT_MS;
  while (await evaluate(expression) !== true) {
    const said = () => evaluate(`document.querySelector("#status").textContent`);
    assert(performance.now() < end, `never true: ${expression}; the page says: ${await said()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Does something in the page, and waits for its answer. */
async function act(evaluate: Evaluate, action: string): Promise<void> {
  await evaluate(action);
  await until(evaluate, `document.body.dataset.busy === undefined`);
}

/** What the first card shows. */
const SHOWN = `(() => {
  const card = document.querySelector(".card");
  const canvas = (name) => card.querySelector("canvas." + name).toDataURL();
  return {
    attacked: canvas("attacked"),
    change: canvas("change"),
    answer: card.querySelector(".after").textContent,
    place: card.querySelector(".attacked-mark").getAttribute("d"),
    value: document.querySelector("#epsilon").getAttribute("aria-valuetext"),
  };
})()`;

type Shown = Readonly<Record<"attacked" | "change" | "answer" | "place" | "value", string>>;

const slide = (to: number) =>
  `{ const slider = document.querySelector("#epsilon"); slider.value = ${to};
     slider.dispatchEvent(new Event("input", { bubbles: true })); }`;

async function requireAlive(evaluate: Evaluate): Promise<void> {
  const shown = async () => await evaluate(SHOWN) as Shown;
  await until(
    evaluate,
    `document.body.dataset.ready === "" || document.body.dataset.failed === ""`,
  );
  assertEquals(await evaluate(`document.body.dataset.failed`), undefined);
  await until(evaluate, `document.body.dataset.busy === undefined`);
  assertEquals(await evaluate(`document.querySelectorAll(".card").length`), 2);

  // The slider moves image, change, answer and place together, and says so.
  await act(evaluate, slide(0));
  const clean = await shown();
  assertMatch(clean.value, /^epsilon 0, network 1: answer [^,]+, \d+ %/);
  await act(evaluate, slide(64));
  const attacked = await shown();
  for (const part of ["attacked", "change", "answer", "place"] as const) {
    assertNotEquals(attacked[part], clean[part], part);
  }
  assertMatch(attacked.value, /^epsilon 32\/255, network 1: answer [^,]+, \d+ %/);

  // The smallest budget is found, and lies on the slider.
  await act(evaluate, `document.querySelector("#smallest").click()`);
  const summary = String(await evaluate(`document.querySelector("#summary").textContent`));
  assertMatch(summary, /network 1: (?:fooled from|not fooled|wrong without)/);

  // A drawn digit gets an answer; the keyboard reaches the tab.
  await evaluate(`document.querySelector("#tab-test").focus();
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }))`);
  assertEquals(await evaluate(`document.querySelector("#panel-draw").hidden`), false);
  await act(evaluate, `document.querySelector(".digits button:nth-child(4)").click()`);
  const drawn = await shown();
  assertNotEquals(drawn.attacked, attacked.attacked);
  assertMatch(drawn.answer, /^.+ \d+ %$/);

  // Noise, another norm and another temperature are heard.
  await act(evaluate, `document.querySelector("[value=noise]").click()`);
  await act(evaluate, `document.querySelector("[value=l2]").click()`);
  assertMatch((await shown()).value, /^epsilon \d+\.\d\d, /);
  assertEquals(await evaluate(`document.querySelector("#steps").disabled`), true);
}

for (const folder of [false, true]) {
  const kind = folder ? "a folder with half-precision weights" : "one file";
  const name = `the explorer as ${kind} computes in the browser and asks the network for nothing`;
  Deno.test({
    name: hasChromium ? name : `${name} (ignored: needs chromium at ${CHROMIUM})`,
    ignore: !hasChromium,
    fn: () =>
      withScratchFolder(join(root, ".cache"), async (place) => {
        const files = await smallPage(folder);
        for (const [name, text] of files) await Deno.writeTextFile(join(place, name), text);
        await withBrowser(place, async ({ open, reached }) => {
          const address = pathToFileURL(join(place, "index.html")).href;
          const noted = await open(address, { until: () => true, look: requireAlive });
          const own = [...files.keys()].slice(1)
            .map((name) => `request ${pathToFileURL(join(place, name)).href}`);
          const outside = noted.filter((line) =>
            !line.startsWith("request blob:") && !own.includes(line)
          );
          assertEquals([outside, reached], [[], []]);
        });
      }),
  });
}
