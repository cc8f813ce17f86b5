/** Where the image comes from: a test image, the reader's picture, or a drawing. */
import { drawPixels, type ImageShape, pixelsOf } from "./_pictures.ts";
import type { ExplorerData } from "./explorer_data.ts";
import { fromBase64 } from "./_base64.ts";

/** An image to ask about. */
export interface ChosenImage {
  /** h x w x c pixels in [0, 1]. */
  readonly pixels: Float32Array;
  /** Its class, where that is known. */
  readonly truth: number | undefined;
}

const byId = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;

/** Makes the tabs work with the arrow keys, as readers of screens expect. */
function tabs(): void {
  const all = [...document.querySelectorAll<HTMLButtonElement>('[role="tab"]')];
  const select = (chosen: HTMLButtonElement) => {
    for (const tab of all) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      byId(tab.getAttribute("aria-controls")!).hidden = !isChosen;
    }
  };
  all.forEach((tab, k) => {
    tab.addEventListener("click", () => select(tab));
    tab.addEventListener("keydown", ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (step === undefined) return;
      const next = all[(k + step + all.length) % all.length]!;
      select(next);
      next.focus();
    });
  });
}

/** The test images as a group of radio buttons. */
function thumbnails(
  { images, imageShape, classNames }: ExplorerData,
  choose: (image: ChosenImage) => void,
): () => void {
  const group = byId("thumbnails");
  const bytes = fromBase64(images.bytes);
  const size = imageShape.reduce((product, side) => product * side);
  const select = (chosen: number, focus: boolean) => {
    buttons.forEach((button, k) => {
      button.setAttribute("aria-checked", String(k === chosen));
      button.tabIndex = k === chosen ? 0 : -1;
    });
    if (focus) buttons[chosen]!.focus();
    choose({
      pixels: Float32Array.from(
        bytes.subarray(chosen * size, (chosen + 1) * size),
        (byte) => byte / 255,
      ),
      truth: images.labels[chosen],
    });
  };
  const buttons = images.labels.map((label, k) => {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("role", "radio");
    const name = `${classNames[label]}, test image ${images.positions[k]! + 1}`;
    button.setAttribute("aria-label", name);
    button.title = name;
    const canvas = document.createElement("canvas");
    const pixels = Float32Array.from(
      bytes.subarray(k * size, (k + 1) * size),
      (byte) => byte / 255,
    );
    drawPixels(canvas, pixels, imageShape);
    button.append(canvas);
    button.addEventListener("click", () => select(k, false));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      select((k + step + buttons.length) % buttons.length, true);
    });
    group.append(button);
    return button;
  });
  byId("images-note").textContent =
    `${images.labels.length} of ${images.description}. The networks have never seen them.`;
  select(images.first, false);
  return () => buttons.forEach((button) => button.setAttribute("aria-checked", "false"));
}

/** A dropped, pasted or chosen file. */
function ownPicture(
  shape: ImageShape,
  choose: (image: ChosenImage) => void,
  refuse: (message: string) => void,
): void {
  const read = async (file: File | undefined | null) => {
    if (!file) return;
    let bitmap: ImageBitmap;
    try {
      bitmap = await createImageBitmap(file);
    } catch {
      return refuse(
        `${file.name} is no picture that this browser can read: take a PNG or JPEG file`,
      );
    }
    choose({ pixels: pixelsOf(bitmap, shape), truth: undefined });
    bitmap.close();
  };
  const input = byId<HTMLInputElement>("file");
  input.addEventListener("change", () => read(input.files?.[0]));
  const drop = byId("drop");
  // A file that misses the field must not replace the page.
  for (const type of ["dragover", "drop"]) {
    addEventListener(type, (event) => event.preventDefault());
  }
  drop.addEventListener("dragover", () => drop.classList.add("over"));
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    drop.classList.remove("over");
    read(event.dataTransfer?.files[0]);
  });
  document.addEventListener("paste", (event) => {
    const file = event.clipboardData?.files[0];
    if (!file) return;
    byId("tab-own").click();
    read(file);
  });
}

/** The drawing area; answers after each stroke. */
function sketch(shape: ImageShape, choose: (image: ChosenImage) => void): void {
  const canvas = byId<HTMLCanvasElement>("sketch");
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  const invert = byId<HTMLButtonElement>("invert");
  const isInverted = () => invert.getAttribute("aria-pressed") === "true";
  const ink = () => isInverted() ? "#fff" : "#000";
  const clear = () => {
    context.fillStyle = isInverted() ? "#000" : "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
  };
  const answer = () => choose({ pixels: pixelsOf(canvas, shape), truth: undefined });
  clear();
  let last: readonly [number, number] | undefined;
  const place = ({ offsetX, offsetY }: PointerEvent) =>
    [
      offsetX * canvas.width / canvas.clientWidth,
      offsetY * canvas.height / canvas.clientHeight,
    ] as const;
  const stroke = (event: PointerEvent) => {
    const [x, y] = place(event);
    const [fromX, fromY] = last ?? [x, y];
    Object.assign(context, { lineWidth: 22, lineCap: "round", strokeStyle: ink() });
    context.beginPath();
    context.moveTo(fromX, fromY);
    context.lineTo(x, y + (last ? 0 : 0.01));
    context.stroke();
    last = [x, y];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    stroke(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (last) stroke(event);
  });
  for (const type of ["pointerup", "pointercancel"] as const) {
    canvas.addEventListener(type, () => {
      if (last) answer();
      last = undefined;
    });
  }
  byId("clear").addEventListener("click", clear);
  invert.addEventListener("click", () => {
    invert.setAttribute("aria-pressed", String(!isInverted()));
    clear();
  });
  const digits = document.querySelector(".digits")!;
  for (let digit = 0; digit < 10; digit++) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = String(digit);
    button.setAttribute("aria-label", `Write a ${digit}`);
    button.addEventListener("click", () => {
      clear();
      Object.assign(context, { fillStyle: ink(), textAlign: "center", textBaseline: "middle" });
      context.font = "700 210px system-ui, sans-serif";
      context.fillText(String(digit), canvas.width / 2, canvas.height / 2 + 12);
      answer();
    });
    digits.append(button);
  }
}

/**
 * Lets the reader choose an image; the first test image is chosen at once.
 *
 * @param choose Is given each choice.
 * @param refuse Is told why a file cannot be read.
 */
export function chooseImages(
  data: ExplorerData,
  choose: (image: ChosenImage) => void,
  refuse: (message: string) => void,
): void {
  tabs();
  const [height, width] = data.imageShape;
  for (const size of document.querySelectorAll(".size")) size.textContent = `${width} × ${height}`;
  const release = thumbnails(data, choose);
  const own = (image: ChosenImage) => {
    release();
    choose(image);
  };
  ownPicture(data.imageShape, own, refuse);
  sketch(data.imageShape, own);
}
