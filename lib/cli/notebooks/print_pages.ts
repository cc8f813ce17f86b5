/** Pages as PDF, printed by Chromium. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { withScratchFolder } from "../../files/scratch_folder.ts";
import { lastLines, runCommand } from "../setup/run_command.ts";

/** Names under which browsers that can print are installed. */
const BROWSERS = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome",
  "microsoft-edge",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** The browser that prints: `$LAB_CHROMIUM`, or the first that is installed; undefined if none is. */
export async function findBrowser(): Promise<string | undefined> {
  const chosen = Deno.env.get("LAB_CHROMIUM");
  for (const browser of chosen ? [chosen] : BROWSERS) {
    if ((await runCommand(browser, ["--version"]).catch(() => undefined))?.success) return browser;
  }
  return undefined;
}

/**
 * Prints a page on A4.
 *
 * @param browser From {@linkcode findBrowser}.
 * @param page An HTML file.
 * @returns The PDF beside it.
 * @throws {Error} If the browser does not write it.
 */
export async function printPage(browser: string, page: string): Promise<string> {
  const target = page.replace(/\.html$/, ".pdf");
  await withScratchFolder(join(page, ".."), async (folder) => {
    const written = join(folder, "page.pdf");
    const result = await runCommand(browser, [
      ...["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
      ...(Deno.uid?.() === 0 ? ["--no-sandbox"] : []), // root has none
      ...["--no-pdf-header-footer", `--user-data-dir=${join(folder, "profile")}`],
      ...[`--print-to-pdf=${written}`, pathToFileURL(page).href],
    ]);
    const there = await Deno.stat(written).catch(() => undefined);
    if (!there) {
      throw new Error(`${browser} cannot print ${page}: ${lastLines(result?.output ?? "", 2)}`);
    }
    await Deno.rename(written, target);
  });
  return target;
}
