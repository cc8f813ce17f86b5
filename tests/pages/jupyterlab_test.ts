/** The committed notebooks in JupyterLab itself: every chart is drawn, trusted or not. */
import { basename, join } from "node:path";
import { assert, assertEquals } from "../../lib/assert/mod.ts";
import { outputText, readNotebook } from "../../lib/cli/notebooks/nbformat.ts";
import { findNotebooks } from "../../lib/cli/notebooks/run_notebooks.ts";
import { setupPaths } from "../../lib/cli/setup/paths.ts";
import { withScratchFolder } from "../../lib/files/scratch_folder.ts";
import { CHROMIUM, hasChromium, withBrowser } from "./_browser.ts";
import { withJupyterLab } from "./_jupyter_lab.ts";

const paths = setupPaths();
/** Half a minute a notebook: only the soak waits for it. */
const runs = hasChromium && Deno.env.get("LAB_SOAK") !== undefined;
/** A folder for one picture a notebook. */
const pictures = Deno.env.get("LAB_SCREENSHOTS");

/** How many pictures of each kind JupyterLab has drawn; a picture without width is none. */
const DRAWN = `(() => {
  const drawn = (kind) => [...document.querySelectorAll(".jp-RenderedImage img, .jp-RenderedSVG img")]
    .filter((image) => image.src.startsWith("data:image/" + kind) && image.naturalWidth > 0).length;
  return { svg: drawn("svg"), png: drawn("png") };
})()`;

async function charts(path: string): Promise<number> {
  const { cells } = await readNotebook(path);
  return cells.flatMap(({ outputs = [] }) => outputs)
    .filter((output) => outputText(output, "image/svg+xml") !== undefined).length;
}

for (const [trusting, kind] of [[true, "svg"], [false, "png"]] as const) {
  const name = `JupyterLab draws every chart of the notebooks as ${kind} ` +
    (trusting ? "as `deno task lab` starts it" : "where it trusts none");
  Deno.test({
    name: runs ? name : `${name} (ignored: needs LAB_SOAK=1 and chromium at ${CHROMIUM})`,
    ignore: !runs,
    fn: () =>
      withScratchFolder(
        join(paths.root, ".cache"),
        (folder) =>
          withBrowser(folder, (watch) =>
            withJupyterLab(paths, { trusting, folder }, async (lab) => {
              for (const path of await findNotebooks(join(paths.root, "notebooks"))) {
                const expected = await charts(path);
                let drawn = { svg: 0, png: 0 };
                await watch.open(lab.address(basename(path)), {
                  // So high that JupyterLab, which draws what is in view, draws all.
                  screen: { width: 1280, height: 30_000 },
                  settle: 180_000,
                  ready: async (evaluate) => {
                    drawn = await evaluate(DRAWN) as typeof drawn;
                    return drawn.svg + drawn.png === expected;
                  },
                  ...(pictures
                    ? { picture: join(pictures, `${basename(path, ".ipynb")}.lab.${kind}.png`) }
                    : {}),
                });
                assert(expected > 0);
                assertEquals(drawn[kind], expected, basename(path));
              }
            })),
      ),
  });
}
