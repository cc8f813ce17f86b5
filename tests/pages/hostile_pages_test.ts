/** Everything hostile, exported and opened in a browser that notes what happens. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { writeNotebookPage } from "../../lib/cli/notebooks/_notebook_page.ts";
import { notebookText } from "../../lib/cli/notebooks/nbformat.ts";
import { setupPaths } from "../../lib/cli/setup/paths.ts";
import { withScratchFolder } from "../../lib/files/scratch_folder.ts";
import { META } from "../../lib/pages/_meta.ts";
import { assert, assertEquals } from "../../lib/assert/mod.ts";
import { CHROMIUM, type Evaluate, hasChromium, type Watch, withBrowser } from "./_browser.ts";
import { hostileMarkup } from "./_hostile.ts";
import { hostileNotebook } from "./_hostile_notebook.ts";

const paths = setupPaths();

/** A test in a browser; where there is none, its name says what it needs. */
function browserTest(
  name: string,
  use: (watch: Watch, folder: string) => Promise<void>,
): void {
  Deno.test({
    name: hasChromium ? name : `${name} (ignored: needs chromium at ${CHROMIUM})`,
    ignore: !hasChromium,
    fn: () =>
      withScratchFolder(
        join(paths.root, ".cache"),
        (folder) => withBrowser(folder, (watch) => use(watch, folder)),
      ),
  });
}

/** Handlers, addresses that are sent something, and links with another scheme, in the open page. */
const ACTIVE = `[...document.querySelectorAll("body *")].flatMap((element) => {
  const names = [...element.attributes].map(({ name }) => name);
  const scheme = element.localName === "a" && element.hasAttribute("href") ? element.protocol : "file:";
  return [
    ...names.filter((name) => /^on|^(?:ping|srcset|action|formaction)$/.test(name)),
    ...["http:", "https:", "mailto:", "file:"].includes(scheme) ? [] : [scheme],
  ];
})`;

/** One of each kind, and the first word of a note that it must leave. The soak opens all. */
const SAMPLE: Readonly<Record<string, string>> = {
  script: "dialog",
  refresh: "navigation",
  image: "request",
  srcdoc: "frame",
  "form behind a style's comment": "request",
  "import by url": "request",
  "svg image by xlink": "request",
  "style in math": "dialog",
  "comment tricks": "dialog",
};

browserTest(
  "where nothing cleans it, hostile markup acts, and the browser's notes show it",
  async (watch, folder) => {
    const path = join(folder, "raw.html");
    const quiet: string[] = [];
    for (const [name, html] of Object.entries(hostileMarkup(watch.origin))) {
      const kind = SAMPLE[name];
      if (kind === undefined && !Deno.env.get("LAB_SOAK")) continue;
      await Deno.writeTextFile(path, `<!DOCTYPE html>\n${html}`);
      const until = (noted: readonly string[]) => noted.some((line) => line.startsWith(kind ?? ""));
      const noted = await watch.open(pathToFileURL(path).href, { until });
      if (kind !== undefined) assert(until(noted), `${name} left only: ${noted.join(", ")}`);
      if (noted.length === 0) quiet.push(name);
    }
    assert(watch.reached.includes("/image.png"));
    // A few act in another browser, in an older one or on a server only.
    assert(quiet.length <= 10, `too few act: ${quiet.join(", ")}`);
  },
);

async function requireInert(evaluate: Evaluate, markers: readonly string[]): Promise<void> {
  assertEquals(await evaluate(ACTIVE), []);
  const text = String(await evaluate(`document.querySelector("main").innerText`));
  assertEquals(markers.filter((marker) => !text.includes(marker)), []);
}

browserTest(
  "a page of a hostile notebook fetches, opens and runs nothing",
  async (watch, folder) => {
    const { notebook, markers } = hostileNotebook(watch.origin);
    const source = join(folder, "hostile.ipynb");
    const target = join(folder, "hostile.html");
    await Deno.writeTextFile(source, notebookText(notebook));
    await writeNotebookPage(paths, source, target);
    const html = await Deno.readTextFile(target);
    const policy = META.find((meta) => meta.includes("Content-Security-Policy"))!;
    assert(html.includes(policy));
    // Without the policy too: it is the second line of defence and must not hide a gap in the first.
    for (const page of [html, html.replace(policy, "")]) {
      await Deno.writeTextFile(target, page);
      const look = (evaluate: Evaluate) => requireInert(evaluate, markers);
      const noted = await watch.open(pathToFileURL(target).href, { look });
      assertEquals(noted, []);
    }
    assertEquals(watch.reached, []);
  },
);
