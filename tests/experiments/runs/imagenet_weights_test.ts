import { createHash } from "node:crypto";
import { join } from "node:path";
import { imagenetWeights } from "../../../lib/experiments/runs/imagenet_weights.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../../../lib/assert/mod.ts";
import { withFolder } from "../synthetic_run.ts";

const content = new TextEncoder().encode("the weights");
const checksum = createHash("sha256").update(content).digest("hex");

/** Serves one file with a checksum in the header that the host of the weights uses. */
async function withServer(
  answer: (request: Request) => Response | Promise<Response>,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const options = { hostname: "127.0.0.1", port: 0, signal: stop.signal, onListen() {} };
  const server = Deno.serve(options, answer);
  try {
    await use(`http://127.0.0.1:${server.addr.port}/model.safetensors`);
  } finally {
    stop.abort();
    await server.finished;
  }
}

const tagged = (body: BodyInit | null, tag: string) =>
  new Response(body, { headers: { "x-linked-etag": `"${tag}"` } });

Deno.test("weights are downloaded once and checked", () =>
  withFolder(async (folder) => {
    let requests = 0;
    await withServer((request) => {
      requests++;
      return tagged(request.method === "HEAD" ? null : content, checksum);
    }, async (url) => {
      const path = join(folder, "resnet18-imagenet.safetensors");
      assertEquals(await imagenetWeights(folder, { url }), { path });
      assertEquals(await Deno.readFile(path), content);
      assertEquals(await imagenetWeights(folder, { url }), { path });
      assertEquals(requests, 2); // one look at the checksum, one download
    });
  }));

Deno.test("a file with another checksum, a missing file and no checksum leave nothing behind", () =>
  withFolder(async (folder) => {
    const reasons: string[] = [];
    for (
      const answer of [
        () => tagged(content, "0".repeat(64)),
        () => new Response("gone", { status: 404 }),
        () => new Response(content),
      ]
    ) {
      await withServer(
        (request) => request.method === "HEAD" ? new Response(null, answer()) : answer(),
        async (url) => {
          const result = await imagenetWeights(folder, { url });
          reasons.push("reason" in result ? result.reason : "none");
        },
      );
    }
    assertStringIncludes(reasons[0]!, `instead of ${"0".repeat(64)}`);
    assertStringIncludes(reasons[1]!, "404");
    assertStringIncludes(reasons[2]!, "without a checksum");
    assertEquals([...Deno.readDirSync(folder)], []);
  }));

Deno.test("a host that does not answer is given up, and an interrupt is passed on", () =>
  withFolder(async (folder) => {
    const never = () =>
      new Promise<Response>((resolve) => setTimeout(() => resolve(new Response()), 300));
    await withServer(never, async (url) => {
      const result = await imagenetWeights(folder, { url, patience: 0.05 });
      assertStringIncludes("reason" in result ? result.reason : "", "no answer");
      const signal = AbortSignal.abort();
      await assertRejects(() => imagenetWeights(folder, { url, signal }), DOMException);
    });
  }));
