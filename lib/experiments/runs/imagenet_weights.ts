/** ImageNet weights of ResNet-18: found on disk, or downloaded with the checksum of their host. */
import { dirname, join } from "node:path";
import { download } from "../../files/download.ts";
import { exists } from "../../files/exists.ts";
import { fetchWithin } from "../../files/fetch_within.ts";
import { requireOutputFolder } from "../../files/require_output_folder.ts";

/** Where timm publishes torchvision's ImageNet ResNet-18 as safetensors. */
const IMAGENET_URL = "https://huggingface.co/timm/resnet18.tv_in1k/resolve/main/model.safetensors";
const FILE_NAME = "resnet18-imagenet.safetensors";

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

/** The SHA-256 that the host publishes for the file (the id of its large-file object). */
async function publishedChecksum(
  url: string,
  { signal, patience }: { signal: AbortSignal | undefined; patience: number },
): Promise<string> {
  const init = { method: "HEAD", redirect: "manual", signal: signal ?? null } as const;
  const answer = await fetchWithin(patience, url, init);
  await answer.body?.cancel();
  const tag = answer.headers.get("x-linked-etag") ?? "";
  const checksum = /[0-9a-f]{64}/.exec(tag)?.[0];
  if (checksum === undefined) {
    throw new Error(`${url} answered ${answer.status} without a checksum`);
  }
  return checksum;
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
  { signal, url = IMAGENET_URL, patience = 8 }: ImagenetOptions = {},
): Promise<{ readonly path: string } | { readonly reason: string }> {
  const path = join(folder, FILE_NAME);
  if (await exists(path)) return { path };
  try {
    const digest = await publishedChecksum(url, { signal, patience });
    await requireOutputFolder(folder, { within: dirname(folder) });
    const source = { urls: [url], checksum: { algorithm: "sha256", digest } as const };
    await download(path, source, { retries: 0, answerSeconds: patience, signal });
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
