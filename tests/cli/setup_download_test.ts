import { createHash } from "node:crypto";
import { assertEquals, assertRejects, assertStringIncludes } from "../../lib/assert/mod.ts";
import { downloadPinned } from "../../lib/cli/setup/_download_pinned.ts";
import { SetupFailure } from "../../lib/cli/setup/failure.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const BODY = new TextEncoder().encode("0123456789".repeat(20));
const SHA256 = createHash("sha256").update(BODY).digest("hex");

/** Serves on the loopback for the time of a test. */
async function withServer(
  handler: (request: Request) => Response | Promise<Response>,
  work: (url: string, folder: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handler);
  const folder = await temporaryFolder();
  try {
    await work(`http://127.0.0.1:${server.addr.port}/file`, folder);
  } finally {
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
}

const source = (url: string) => ({ url, sha256: SHA256, megabytes: 1 });

/** A body that sends its first bytes and then nothing more, until the client leaves. */
function stalled(bytes: number): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.enqueue(BODY.slice(0, bytes)) });
}

Deno.test("download writes the whole file and asks for it once", async () => {
  let requests = 0;
  await withServer(() => (requests++, new Response(BODY)), async (url, folder) => {
    await downloadPinned(`${folder}/a`, source(url));
    await downloadPinned(`${folder}/a`, source(url));
    assertEquals(await Deno.readFile(`${folder}/a`), BODY);
    assertEquals(requests, 1);
    assertEquals([...Deno.readDirSync(folder)].length, 1);
  });
});

Deno.test("download goes on where an interrupted one stopped", async () => {
  const ranges: (string | null)[] = [];
  const serve = (request: Request) => {
    ranges.push(request.headers.get("range"));
    const start = Number(/bytes=(\d+)-/.exec(ranges.at(-1) ?? "")?.[1] ?? 0);
    if (start === 0) return new Response(BODY);
    const headers = { "content-range": `bytes ${start}-${BODY.length - 1}/${BODY.length}` };
    return new Response(BODY.slice(start), { status: 206, headers });
  };
  await withServer(serve, async (url, folder) => {
    await Deno.writeFile(`${folder}/a.part`, BODY.slice(0, 70));
    await downloadPinned(`${folder}/a`, source(url));
    assertEquals(ranges, ["bytes=70-"]);
    assertEquals(await Deno.readFile(`${folder}/a`), BODY);
  });
});

Deno.test("download starts again where the server knows no ranges", async () => {
  await withServer(() => new Response(BODY), async (url, folder) => {
    await Deno.writeFile(`${folder}/a.part`, BODY.slice(0, 70));
    await downloadPinned(`${folder}/a`, source(url));
    assertEquals(await Deno.readFile(`${folder}/a`), BODY);
  });
});

Deno.test("download deletes a file with another hash and says both hashes", async () => {
  await withServer(() => new Response("other"), async (url, folder) => {
    const error = await assertRejects(
      () => downloadPinned(`${folder}/a`, source(url)),
      SetupFailure,
    );
    assertStringIncludes((error as Error).message, SHA256);
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("download names the address and the status of an error", async () => {
  await withServer(() => new Response("no", { status: 404 }), async (url, folder) => {
    const error = await assertRejects(
      () => downloadPinned(`${folder}/a`, source(url)),
      SetupFailure,
    );
    assertEquals((error as Error).message, `Cannot download ${url}: the server answered 404.`);
  });
});

Deno.test("download gives up on a host that accepts and never answers", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const accepted = listener.accept();
  try {
    const url = `http://127.0.0.1:${listener.addr.port}/`;
    const path = `${await temporaryFolder()}/a`;
    const error = await assertRejects(
      () => downloadPinned(path, source(url), () => {}, { answerSeconds: 0.05 }),
      SetupFailure,
    );
    assertStringIncludes((error as Error).message, "no answer within 0.05 s");
  } finally {
    (await accepted).close();
    listener.close();
  }
});

Deno.test("download keeps what it has of a body that stalls", async () => {
  await withServer(() => new Response(stalled(30)), async (url, folder) => {
    const error = await assertRejects(
      () => downloadPinned(`${folder}/a`, source(url), () => {}, { stallSeconds: 0.1 }),
      SetupFailure,
    );
    assertStringIncludes((error as Error).message, "nothing arrived for 0.1 s");
    assertEquals(await Deno.readFile(`${folder}/a.part`), BODY.slice(0, 30));
  });
});
