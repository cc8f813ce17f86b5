/** The explorer's page: puts its parts together. A program of a browser. */
import {
  type BackendName,
  startBackend,
  usableBackends,
} from "../backend/browser/start_backend.ts";
import { tf } from "../backend/tf.ts";
import { percent } from "../format/percent.ts";
import {
  attackImage,
  breathe,
  isFooled,
  type SmallestBudget,
  smallestBudget,
  Superseded,
} from "./_attack.ts";
import { fromBase64 } from "./_base64.ts";
import { Card } from "./_card.ts";
import { chooseImages, type ChosenImage } from "./_choose.ts";
import {
  budgetText,
  describeBudget,
  prepareControls,
  readSettings,
  setBudget,
  type Settings,
} from "./_controls.ts";
import { DATA_ID, type ExplorerData, WASM_ID, WEIGHTS_GLOBAL, weightsId } from "./explorer_data.ts";
import { type Answer, type OpenNetwork, openNetwork, probabilitiesOf } from "./_network.ts";

const byId = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;

const TITLES: Readonly<Record<BackendName, string>> = {
  webgpu: "WebGPU (graphics card)",
  webgl: "WebGL (graphics card)",
  wasm: "WebAssembly (processor)",
};

function say(text: string): void {
  byId("status").textContent = text;
}

function showProgress(done: number | undefined): void {
  const bar = byId<HTMLProgressElement>("progress");
  bar.value = done ?? 0;
  bar.classList.toggle("idle", done === undefined);
}

/** The text of a block of the page, or what a script of the page's folder left. */
function stored(id: string): string {
  const left = (globalThis as { [WEIGHTS_GLOBAL]?: Record<string, string> })[WEIGHTS_GLOBAL];
  return left?.[id] ?? byId(id).textContent!;
}

/** The mean time of a few calls, in milliseconds. */
function timed(work: () => void, calls = 3): number {
  work(); // the first call prepares kernels
  const start = performance.now();
  for (let k = 0; k < calls; k++) work();
  return (performance.now() - start) / calls;
}

class Explorer {
  #image: ChosenImage | undefined;
  #x: tf.Tensor4D | undefined;
  #seed = 0;
  #running: AbortController | undefined;
  readonly #cards: readonly Card[];

  constructor(readonly data: ExplorerData, readonly networks: readonly OpenNetwork[]) {
    const { classNames, imageShape } = data;
    this.#cards = networks.map((network, place) =>
      new Card(byId("cards"), network, classNames, imageShape, place)
    );
  }

  choose(image: ChosenImage): void {
    this.#image = image;
    this.#x?.dispose();
    this.#x = tf.tensor4d(image.pixels, [1, ...this.data.imageShape]);
    this.update();
  }

  anotherStart(): void {
    this.#seed++;
    this.update();
  }

  /** Starts anew with what is set now. */
  update(): void {
    this.#start((signal) => this.#attackAll(readSettings(this.#seed), signal));
  }

  findSmallest(): void {
    this.#start((signal) => this.#findSmallest(readSettings(this.#seed), signal));
  }

  /** Runs a task; a task that still runs is called off. */
  #start(task: (signal: AbortSignal) => Promise<void>): void {
    this.#running?.abort();
    const running = this.#running = new AbortController();
    document.body.dataset["busy"] = "";
    // Scrubbing a slider asks many times: only the last one is answered.
    breathe(running.signal).then(() => task(running.signal)).catch((error) => {
      if (error instanceof Superseded) return;
      say(error instanceof Error ? error.message : String(error));
    }).finally(() => {
      if (this.#running !== running) return;
      delete document.body.dataset["busy"];
      showProgress(undefined);
    });
  }

  /** The class that is right for an image: the known one, else what a network says without an attack. */
  #labelOf(clean: Answer): number {
    return this.#image!.truth ?? clean.label;
  }

  async #attackAll(settings: Settings, signal: AbortSignal): Promise<void> {
    const [x, image] = [this.#x!.clone(), this.#image!];
    const texts: string[] = [];
    try {
      for (const [k, network] of this.networks.entries()) {
        const attacker = this.networks[settings.knows ?? k]!;
        const clean = network.ask(x);
        const known = attacker === network ? clean : attacker.ask(x);
        const choice = { ...settings, label: this.#labelOf(known) };
        const started = performance.now();
        const found = await attackImage(attacker, x, choice, {
          signal,
          onPoint: (point, done) => {
            this.#cards[k]!.preview(image.pixels, point.dataSync());
            showProgress((k + done) / this.networks.length);
            say(`Attacking ${network.name}…`);
          },
        });
        const took = performance.now() - started;
        const attacked = network.ask(found);
        await breathe(signal);
        const own = { ...choice, label: this.#labelOf(clean) };
        const fooled = isFooled(attacked.label, own);
        this.#cards[k]!.show({
          clean,
          cleanPixels: image.pixels,
          attacked,
          attackedPixels: found.dataSync(),
          saliency: network.saliency(found, attacked.label),
          temperature: settings.temperature,
          truth: image.truth,
          isFooled: fooled,
          norm: settings.norm,
          epsilon: settings.epsilon,
        });
        found.dispose();
        const confidence = probabilitiesOf(attacked, settings.temperature)[attacked.label]!;
        const answer = this.data.classNames[attacked.label]!;
        texts.push(`${network.name}: answer ${answer}, ${percent(confidence, 0)}`);
        document.body.dataset["attackMs"] = took.toFixed(0);
        await breathe(signal);
      }
      describeBudget(settings, texts.join("; "));
      byId("summary").textContent = `ε ${budgetText(settings.epsilon, settings.norm)} · ${
        texts.join(" · ")
      }`;
      say("Ready.");
    } finally {
      x.dispose();
    }
  }

  async #findSmallest(settings: Settings, signal: AbortSignal): Promise<void> {
    const x = this.#x!.clone();
    const { norm } = settings;
    const texts: string[] = [];
    let largest = 0;
    try {
      for (const [k, network] of this.networks.entries()) {
        const choice = { ...settings, label: this.#labelOf(network.ask(x)) };
        const found = await smallestBudget(network, x, choice, {
          signal,
          onBudget: (epsilon, done) => {
            showProgress((k + done) / this.networks.length);
            say(`${network.name}: trying ε ${budgetText(epsilon, norm)}…`);
          },
        });
        texts.push(`${network.name}: ${smallestText(found, norm)}`);
        largest = Math.max(largest, found.falls ?? found.stands);
      }
      setBudget(largest, norm);
      await this.#attackAll(readSettings(this.#seed), signal);
      byId("summary").textContent = texts.join(" · ");
    } finally {
      x.dispose();
    }
  }

  /** Times a forward pass and a gradient step of the first network. */
  measure(): string {
    const x = tf.zeros<tf.Rank.R4>([1, ...this.data.imageShape]);
    const network = this.networks[0]!;
    const forwardMs = timed(() => void network.ask(x));
    const stepMs = timed(() => void network.saliency(x, 0));
    x.dispose();
    document.body.dataset["forwardMs"] = forwardMs.toFixed(1);
    document.body.dataset["stepMs"] = stepMs.toFixed(1);
    return `forward ${forwardMs.toFixed(0)} ms · gradient step ${stepMs.toFixed(0)} ms`;
  }
}

function smallestText({ stands, falls }: SmallestBudget, norm: "linf" | "l2"): string {
  if (falls === 0) return "wrong without an attack";
  if (falls === undefined) return `not fooled up to ε ${budgetText(stands, norm)}`;
  const digits = norm === "linf" ? `${(falls * 255).toFixed(2)}/255` : falls.toFixed(3);
  return `fooled from ε ${digits} on`;
}

/** Lets the browser draw what was said. */
const drawn = () => new Promise((resolve) => setTimeout(resolve, 30));

async function main(): Promise<void> {
  const data = JSON.parse(byId(DATA_ID).textContent!) as ExplorerData;
  const wasm = fromBase64(byId(WASM_ID).textContent!);
  const backends = await usableBackends();
  const asked = new URLSearchParams(location.search).get("backend");
  const first = backends.find((name) => name === asked) ?? backends[0]!;
  await startBackend(first, wasm);
  const networks: OpenNetwork[] = [];
  for (const [k, network] of data.networks.entries()) {
    say(`Unpacking ${network.name}…`);
    showProgress(k / data.networks.length);
    await drawn();
    networks.push(await openNetwork(network, stored(weightsId(k))));
  }
  say("Preparing kernels…");
  await drawn();
  const explorer = new Explorer(data, networks);
  const select = byId<HTMLSelectElement>("backend");
  for (const name of backends) select.append(new Option(TITLES[name], name, false, name === first));
  const speed = () => byId("speed").textContent = explorer.measure();
  speed();
  select.addEventListener("change", async () => {
    try {
      await startBackend(select.value as BackendName, wasm);
      speed();
      explorer.update();
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  });
  prepareControls(
    { classNames: data.classNames, networks: networks.map(({ name }) => name) },
    () => explorer.update(),
  );
  byId("again").addEventListener("click", () => explorer.anotherStart());
  byId("smallest").addEventListener("click", () => explorer.findSmallest());
  byId("weights-note").textContent = networks.map(({ name, stored, tensors }) => {
    const kind = tensors.some(({ precision }) => precision === "int8") ? "8 bits" : "16 bits";
    return `${name} is stored with ${kind} a weight: accuracy ${
      percent(stored.accuracy)
    } instead of ` +
      `${percent(stored.exact)}, the same answer to ${
        percent(stored.agreement)
      } of ${stored.n} test ` +
      "images.";
  }).join(" ");
  chooseImages(data, (image) => explorer.choose(image), say);
  document.body.dataset["ready"] = "";
}

try {
  await main();
} catch (error) {
  say(`This browser cannot run the page: ${error instanceof Error ? error.message : error}`);
  document.body.dataset["failed"] = "";
}
