/** Pictures beside a notebook, put into its page. */
import { extname, resolve, sep } from "node:path";
import { parsePage } from "../../pages/clean_html.ts";
import { megabytes } from "../../format/megabytes.ts";
import { escapeHtml } from "../../format/escape_html.ts";

const LARGEST_BYTES = 2_000_000;

/** The first bytes of each kind of picture, as Latin-1. */
const SIGNATURES: readonly (readonly [type: string, starts: readonly string[]])[] = [
  ["image/png", ["\x89PNG\r\n\x1a\n"]],
  ["image/jpeg", ["\xff\xd8\xff"]],
  ["image/gif", ["GIF87a", "GIF89a"]],
];
const WEBP = /^RIFF[^]{4}WEBP/;
const SVG = /^\s*(?:<\?xml[^>]*>\s*|<!--[^]*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg[\s>]/;

/** Where pictures may lie. */
export interface ImageFolders {
  /** The notebook's folder, which its addresses start from. */
  readonly folder: string;
  /** A picture outside these folders is not read. */
  readonly allowed: readonly string[];
}

function typeOf(bytes: Uint8Array): string | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 2000));
  if (WEBP.test(start)) return "image/webp";
  if (SVG.test(start)) return "image/svg+xml";
  return SIGNATURES.find(([, starts]) => starts.some((one) => start.startsWith(one)))?.[0];
}

function isWithin(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The picture as a `data:` address. */
async function embedded(source: string, { folder, allowed }: ImageFolders): Promise<string> {
  let name = source.replace(/[?#].*$/s, "").replace(/^file:\/\//, "");
  try {
    name = decodeURIComponent(name);
  } catch { /* It is the file's name as it stands. */ }
  if (name.includes("\0")) throw new Error("its name holds a NUL");
  const path = await Deno.realPath(resolve(folder, name)).catch(() => undefined);
  if (path === undefined) throw new Error("there is no such file beside the notebook");
  const folders = await Promise.all(allowed.map((one) => Deno.realPath(one)));
  if (!folders.some((one) => isWithin(path, one))) {
    throw new Error("it lies outside the project; copy it beside the notebook");
  }
  const { isFile, size } = await Deno.stat(path);
  if (!isFile) throw new Error("it is not a file");
  if (size > LARGEST_BYTES) {
    throw new Error(`it has ${megabytes(size)}; at most ${megabytes(LARGEST_BYTES)} are embedded`);
  }
  const bytes = await Deno.readFile(path);
  const type = typeOf(bytes);
  if (type === undefined) {
    throw new Error(
      `it is not a PNG, JPEG, GIF, WebP or SVG picture (${extname(path) || "no"} file)`,
    );
  }
  return `data:${type};base64,${bytes.toBase64()}`;
}

/**
 * Puts the pictures that HTML names into it. One that cannot be read, or that lies on a server, leaves a
 * note with its text in its place.
 *
 * @param html A piece of a page, not cleaned yet.
 * @returns The piece, and one sentence for each picture that is missing.
 */
export async function embedImages(
  html: string,
  folders: ImageFolders,
): Promise<{ html: string; notes: string[] }> {
  if (!/<img\b/i.test(html)) return { html, notes: [] };
  const { body } = parsePage(`<!DOCTYPE html><body>${html}`);
  const notes: string[] = [];
  for (const image of body.querySelectorAll("img[src]")) {
    const source = image.getAttribute("src")!.trim();
    if (/^data:/i.test(source)) continue;
    const text = escapeHtml(image.getAttribute("alt") || source);
    const note = body.ownerDocument.createElement("span");
    note.className = "missing-image";
    if (/^(?:[a-z][a-z0-9+.-]*:)?\/\//i.test(source) && !source.startsWith("file:")) {
      // An address that no browser can read is no link.
      const linked = /^https?:/i.test(source) && URL.canParse(source)
        ? `<a href="${escapeHtml(source)}">${text}</a>`
        : text;
      note.innerHTML = `[Picture on a server, not embedded: ${linked}]`;
      notes.push(`the picture ${source} lies on a server and is linked, not embedded`);
    } else {
      try {
        image.setAttribute("src", await embedded(source, folders));
        continue;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        note.innerHTML = `[Picture missing: ${text}]`;
        notes.push(`the picture ${source} is missing: ${reason}`);
      }
    }
    image.replaceWith(note);
  }
  return { html: body.innerHTML, notes };
}
