/** The index page's way to the explorer. */
import { join } from "node:path";
import { exists } from "../../files/exists.ts";
import { checkoutRoot } from "../records/run_paths.ts";
import { paragraph, section } from "./_page_parts.ts";

/** Where `deno task explore` writes its page, as one file or as a folder. */
const PLACES = ["data/reports/explorer.html", "data/reports/explorer/index.html"];

/**
 * A section that links to the explorer, or says how to make one.
 *
 * @param link Makes a link to a file of the checkout.
 */
export async function explorerSection(
  link: (target: string, text: string) => string,
): Promise<string> {
  const found = [];
  for (const place of PLACES) if (await exists(join(checkoutRoot(), place))) found.push(place);
  const what =
    "a page in which trained networks run in your browser: attack an image, a picture of " +
    "your own or a drawing, and watch what they answer.";
  const text = found.length === 0
    ? paragraph(`deno task explore writes ${what}`)
    : `<p>${link(found[0]!, "The explorer")} is ${what}</p>`;
  return section("explorer", "The networks, alive", text);
}
