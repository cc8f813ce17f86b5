/** A browser that notes what a page does by itself. */
import { dirname } from "node:path";
import { TextLineStream } from "../../lib/cli/text_lines.ts";
import { withScratchFolder } from "../../lib/files/scratch_folder.ts";
import { DevTools, type DevToolsEvent } from "./_dev_tools.ts";

/** Debian's Chromium. */
export const CHROMIUM = "/usr/bin/chromium";

/** Whether it is there. */
export const hasChromium: boolean = await Deno.stat(CHROMIUM)
  .then(({ isFile }) => isFile, () => false);

/** Long enough for a refresh without delay, and for a failing image with the event it fires. */
const SETTLE_MS = 1500;
const LOAD_MS = 60_000;

/** An open page: returns what an expression gives in it, as JSON would carry it. */
export type Evaluate = (expression: string) => Promise<unknown>;

/** A look at a page. */
export interface Visit {
  /** Ends the wait early. Default: the page gets all the time it may need. */
  readonly until?: (noted: readonly string[]) => boolean;
  /** Asks the page whether it is ready; ends the wait early. */
  readonly ready?: (evaluate: Evaluate) => Promise<boolean>;
  /** The longest wait after loading, in milliseconds. Default: 1500. */
  readonly settle?: number;
  /** Is given the open page at the end. */
  readonly look?: (evaluate: Evaluate) => Promise<void>;
  /** The screen in CSS pixels. Default: the browser's. */
  readonly screen?: { readonly width: number; readonly height: number };
  /** Media features, e.g. `{ "prefers-color-scheme": "dark" }`; `media` itself is "print" or "screen". */
  readonly features?: Readonly<Record<string, string>>;
  /** Where a picture of the whole page goes. */
  readonly picture?: string;
}

/** A browser and the server that its pages may try to reach. */
export interface Watch {
  /** Where the server listens, e.g. `http://127.0.0.1:4000`. */
  readonly origin: string;
  /** The paths that were asked of the server, so far. */
  readonly reached: readonly string[];
  /**
   * Opens a page and waits until it has settled.
   *
   * @param address A `file:` address.
   * @param visit What to do there.
   * @returns One line for each request, dialog, window and change of address.
   */
  open(address: string, visit?: Visit): Promise<string[]>;
}

/** What an event tells of a page that should only be shown; undefined if nothing. */
function notable({ method, params }: DevToolsEvent, address: string): string | undefined {
  const foreign = (url: string) => url !== address && !/^(?:data|about:blank)/.test(url);
  if (method === "Network.requestWillBeSent" && foreign(params.request.url)) {
    return `request ${params.request.url}`;
  }
  if (method === "Page.frameRequestedNavigation") return `leaves for ${params.url}`;
  if (method === "Page.frameNavigated" && params.frame.parentId) return "frame";
  if (method === "Page.frameNavigated" && foreign(params.frame.url)) return "navigation";
  if (method === "Page.javascriptDialogOpening") return `dialog ${params.message}`;
  if (method === "Page.windowOpen") return `window ${params.url}`;
  return undefined;
}

async function setUp(tools: DevTools, session: string, { screen, features }: Visit): Promise<void> {
  if (screen !== undefined) {
    const metrics = { ...screen, deviceScaleFactor: 1, mobile: false };
    await tools.send("Emulation.setDeviceMetricsOverride", metrics, session);
  }
  if (features === undefined) return;
  const { media = "screen", ...others } = features;
  const list = Object.entries(others).map(([name, value]) => ({ name, value }));
  await tools.send("Emulation.setEmulatedMedia", { media, features: list }, session);
}

async function takePicture(tools: DevTools, session: string, path: string): Promise<void> {
  const options = { format: "png", captureBeyondViewport: true };
  const { data } = await tools.send("Page.captureScreenshot", options, session);
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeFile(path, Uint8Array.fromBase64(data as string));
}

async function openPage(
  tools: DevTools,
  address: string,
  visit: Visit,
): Promise<string[]> {
  const { until = () => false, ready = () => Promise.resolve(false), settle = SETTLE_MS } = visit;
  const noted: string[] = [];
  const { browserContextId } = await tools.send("Target.createBrowserContext");
  const created = await tools.send("Target.createTarget", { url: "about:blank", browserContextId });
  const { targetId } = created;
  const attached = await tools.send("Target.attachToTarget", { targetId, flatten: true });
  const session = attached["sessionId"] as string;
  const loaded = Promise.withResolvers<void>();
  const late = setTimeout(() => loaded.reject(new Error(`${address} does not load`)), LOAD_MS);
  const ignore = tools.listen((event) => {
    if (event.sessionId !== session) return;
    const note = notable(event, address);
    if (note !== undefined) noted.push(note);
    if (event.method === "Page.loadEventFired") loaded.resolve();
    if (event.method === "Page.javascriptDialogOpening") {
      tools.send("Page.handleJavaScriptDialog", { accept: false }, session)
        .catch(() => undefined); // a page that has gone took its dialog with it
    }
  });
  for (const domain of ["Page", "Network"]) await tools.send(`${domain}.enable`, {}, session);
  await setUp(tools, session, visit);
  await tools.send("Page.navigate", { url: address }, session);
  await loaded.promise;
  clearTimeout(late);
  const evaluate: Evaluate = async (expression) => {
    const given = { expression, returnByValue: true, awaitPromise: true };
    const answer = await tools.send("Runtime.evaluate", given, session);
    return (answer["result"] as { value: unknown }).value;
  };
  const end = performance.now() + settle;
  while (performance.now() < end && !until(noted) && !await ready(evaluate)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await visit.look?.(evaluate);
  if (visit.picture !== undefined) await takePicture(tools, session, visit.picture);
  ignore();
  await tools.send("Target.disposeBrowserContext", { browserContextId });
  return noted;
}

/** Starts the browser; returns its address for the protocol and its end. */
async function startBrowser(
  profile: string,
): Promise<{ address: string; ended: Promise<unknown> }> {
  const sandbox = Deno.uid() === 0 ? ["--no-sandbox"] : []; // root has none
  const child = new Deno.Command(CHROMIUM, {
    args: [
      ...["--headless=new", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
      "--disable-dev-shm-usage", // a container's is small
      ...["--remote-debugging-address=127.0.0.1", "--remote-debugging-port=0", ...sandbox],
      `--user-data-dir=${profile}`,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const reading = (async () => {
    const lines = child.stderr.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    for await (const line of lines) {
      const address = /^DevTools listening on (ws:\S+)/.exec(line)?.[1];
      if (address) resolve(address);
    }
    reject(new Error(`${CHROMIUM} ended before it listened`));
  })();
  return { address: await promise, ended: Promise.all([reading, child.status]) };
}

/**
 * Calls with a browser and a server, and ends both.
 *
 * @param parent Where the browser's profile lies meanwhile.
 */
export async function withBrowser(
  parent: string,
  use: (watch: Watch) => Promise<void>,
): Promise<void> {
  const reached: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    reached.push(new URL(request.url).pathname);
    return new Response("", { status: 404 });
  });
  await withScratchFolder(parent, async (profile) => {
    const { address, ended } = await startBrowser(profile);
    const tools = await DevTools.connect(address);
    try {
      await use({
        origin: `http://127.0.0.1:${server.addr.port}`,
        reached,
        open: (page, visit = {}) => openPage(tools, page, visit),
      });
    } finally {
      await tools.close();
      await ended;
      await server.shutdown();
    }
  });
}
