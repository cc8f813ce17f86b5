/** The explorer's page as files. */
import { fileURLToPath } from "node:url";
import type { Dataset } from "../../data/dataset.ts";
import {
  DATA_ID,
  type ExplorerData,
  WASM_ID,
  WEIGHTS_GLOBAL,
  weightsId,
} from "../../explorer/explorer_data.ts";
import { escapeHtml } from "../../format/escape_html.ts";
import { sha256 } from "../../format/sha256.ts";
import { bundleForBrowser } from "./_bundle_for_browser.ts";
import { type NetworkSource, storeNetwork, type StoreSettings } from "./_store_network.ts";
import { wasmModule } from "./_wasm_module.ts";

/** What the page shows. */
export interface ExplorerContent extends Omit<StoreSettings, "precision"> {
  /** One or two. */
  readonly networks: readonly NetworkSource[];
  /** Test images to choose from, the same number of each class where there are enough. */
  readonly images: number;
  /** `true`: weights in half precision, in files beside the page. */
  readonly folder: boolean;
}

/** The page and what it holds. */
export interface ExplorerFiles {
  /** The page first: "index.html", then the weights' files of a folder. */
  readonly files: ReadonlyMap<string, string>;
  readonly networks: ExplorerData["networks"];
}

const TITLE = "Explorer: trained networks in your browser";
const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The first images of each class, class by class. */
function chosenImages({ labels, classNames }: Dataset, images: number): number[] {
  const each = Math.ceil(images / classNames.length);
  return classNames.flatMap((_, label) =>
    [...labels.keys()].filter((k) => labels[k] === label).slice(0, each)
  ).slice(0, images);
}

/** @param answers Each network's to the first test images. */
function shownImages(
  test: Dataset,
  images: number,
  answers: readonly (readonly number[])[],
): ExplorerData["images"] {
  const positions = chosenImages(test, images);
  const size = test.images.length / test.length;
  const bytes = new Uint8Array(positions.length * size);
  positions.forEach((position, k) =>
    bytes.set(test.images.subarray(position * size, (position + 1) * size), k * size)
  );
  return {
    description: test.describe(),
    positions,
    labels: positions.map((position) => test.labels[position]!),
    first: Math.max(
      positions.findIndex((position) =>
        answers.every((one) => one[position] === test.labels[position])
      ),
      0,
    ),
    bytes: bytes.toBase64(),
  };
}

/** A hash as a content security policy names it. */
const policyHash = (script: string) => `'sha256-${Uint8Array.fromHex(sha256(script)).toBase64()}'`;

/**
 * Nothing but the page's own script runs, which may compile its WebAssembly module, from an address that
 * it makes itself; a folder's page may load the scripts beside it too.
 */
function policy(script: string, folder: boolean): string {
  const scripts = [policyHash(script), "'wasm-unsafe-eval'", ...(folder ? ["'self'"] : [])];
  return [
    "default-src 'none'",
    `script-src ${scripts.join(" ")}`,
    "connect-src blob:",
    "style-src 'unsafe-inline'",
    "img-src data:",
    "form-action 'none'",
    "base-uri 'none'",
  ].join("; ");
}

/** A block of text that the script reads. */
const block = (id: string, type: string, text: string) =>
  `<script type="${type}" id="${id}">${text}</script>`;

function pageText(
  { data, script, css, body, wasm, weights, folder }: {
    readonly data: ExplorerData;
    readonly script: string;
    readonly css: string;
    readonly body: string;
    readonly wasm: string;
    readonly weights: readonly string[];
    readonly folder: boolean;
  },
): string {
  const held = folder
    ? weights.map((_, k) => `<script src="${weightsId(k)}.js"></script>`)
    : weights.map((text, k) => block(weightsId(k), "text/plain", text));
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script, folder)}">
<meta http-equiv="x-dns-prefetch-control" content="off">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(TITLE)}</title>
<style>${css}</style>
</head>
<body>
${body}
${block(DATA_ID, "application/json", JSON.stringify(data).replaceAll("<", "\\u003c"))}
${block(WASM_ID, "text/plain", wasm)}
${held.join("\n")}
<script type="module">${script}</script>
</body>
</html>
`;
}

/** A bundle as the text of an element, which its own end tag must not end. */
function inlineScript(code: string): string {
  return code.trim().replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
}

/**
 * Builds the page.
 *
 * @throws {RangeError} If the networks do not fit the test images.
 */
export async function explorerPage(content: ExplorerContent): Promise<ExplorerFiles> {
  const { networks: sources, test, images, folder } = content;
  const { classNames, imageShape } = test;
  const settings = { ...content, precision: folder ? "float16" : "int8" } as const;
  const stored = [];
  for (const source of sources) stored.push(await storeNetwork(source, settings));
  const networks = stored.map(({ network }) => network);
  const data: ExplorerData = {
    schema: 1,
    classNames,
    imageShape,
    images: shownImages(test, images, stored.map(({ answers }) => answers)),
    networks,
  };
  const { code } = await bundleForBrowser(fileOf("../../explorer/program.ts"));
  const weights = stored.map(({ weights }) => weights.toBase64());
  const page = pageText({
    data,
    script: inlineScript(code),
    css: await Deno.readTextFile(fileOf("page/page.css")),
    body: (await Deno.readTextFile(fileOf("page/body.html"))).trim(),
    wasm: (await wasmModule()).toBase64(),
    weights,
    folder,
  });
  const beside = weights.map((text, k): [string, string] => [
    `${weightsId(k)}.js`,
    `(globalThis.${WEIGHTS_GLOBAL} ??= {})["${weightsId(k)}"] = "${text}";\n`,
  ]);
  return { files: new Map([["index.html", page], ...(folder ? beside : [])]), networks };
}
