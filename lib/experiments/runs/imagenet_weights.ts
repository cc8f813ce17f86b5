/** ImageNet weights of ResNet-18: found on disk, or downloaded with the checksum of their host. */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { requireOutputFolder } from "../../files/require_output_folder.ts";
import { writeAtomically } from "../../files/write_atomically.ts";

/** Options of torchvision's ResNet-18: its architecture and ImageNet normalisation. */
export const torchvisionModel = {
  stem: "imagenet",
  batchNorm: true,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const;

/** Where timm publishes torchvision's ImageNet ResNet-18 as safetensors. */
const imagenetUrl = "https://huggingface.co/timm/resnet18.tv_in1k/resolve/main/model.safetensors";
const fileName = "resnet18-imagenet.safetensors";

/** Where a checkout keeps downloaded weights. */
export function pretrainedFolder(root: string): string {
  return join(root, "data", "raw", "pretrained");
}

/** Options of {@linkcode imagenetWeights}. */
export interface ImagenetOptions {
  readonly signal?: AbortSignal | undefined;
  readonly url?: string;
  /** Seconds without an answer after which the host counts as unreachable. Default 8. */
  readonly patience?: number;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Stops waiting for a host that does not answer; a download that runs is not cut off. */
async function fetchPatiently(url: string, init: RequestInit, patience: number) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new Error("no answer")), patience * 1000);
  try {
    return await fetch(url, {
      ...init,
      signal: init.signal ? AbortSignal.any([init.signal, stop.signal]) : stop.signal,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** The SHA-256 that the host publishes for the file (the id of its large-file object). */
async function publishedChecksum(url: string, init: RequestInit, patience: number) {
  const answer = await fetchPatiently(
    url,
    { ...init, method: "HEAD", redirect: "manual" },
    patience,
  );
  await answer.body?.cancel();
  const tag = answer.headers.get("x-linked-etag") ?? "";
  const checksum = /[0-9a-f]{64}/.exec(tag)?.[0];
  if (checksum === undefined) {
    throw new Error(`${url} answered ${answer.status} without a checksum`);
  }
  return checksum;
}

async function download(url: string, path: string, init: RequestInit, patience: number) {
  const checksum = await publishedChecksum(url, init, patience);
  const answer = await fetchPatiently(url, init, patience);
  if (!answer.ok) {
    await answer.body?.cancel();
    throw new Error(`${url} answered ${answer.status}`);
  }
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const found = sha256(bytes);
  if (found !== checksum) {
    throw new Error(`the file of ${url} has SHA-256 ${found} instead of ${checksum}`);
  }
  await requireOutputFolder(dirname(path), { within: dirname(dirname(path)) });
  await writeAtomically(path, bytes);
}

/**
 * Finds ImageNet weights in a folder, or downloads them there.
 *
 * @param folder Where the weights are kept.
 * @returns Their path, or the reason why they are not at hand.
 * @throws {DOMException} AbortError once the signal is aborted.
 */
export async function imagenetWeights(
  folder: string,
  { signal, url = imagenetUrl, patience = 8 }: ImagenetOptions = {},
): Promise<{ readonly path: string } | { readonly reason: string }> {
  const path = join(folder, fileName);
  try {
    if ((await Deno.stat(path)).isFile) return { path };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  try {
    await download(url, path, signal ? { signal } : {}, patience);
    return { path };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Deno.errors.NotCapable) {
      return {
        reason: "they are not on disk, and a computing task may not use the network; " +
          "fetch them with deno task download --imagenet",
      };
    }
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}
