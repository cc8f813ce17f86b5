import { createHash } from "node:crypto";
import { assertEquals, assertRejects } from "../../lib/assert/mod.ts";
import { download } from "../../lib/files/download.ts";
import type { Checksum } from "../../lib/files/file_digest.ts";

const content = new TextEncoder().encode("0123456789".repeat(20));
const checksum: Checksum = {
  algorithm: "sha256",
  digest: createHash("sha256").update(content).digest("hex"),
};

/** Serves on the loopback while `use` runs. */
async function withServer(
  answer: (request: Request) => Response,
  use: (url: string, path: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, answer);
  try {
    await use(`http://127.0.0.1:${server.addr.port}/file`, `${folder}/a/file`);
  } finally {
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
}

const once = { retries: 0, stallSeconds: 5 };

Deno.test("a whole part of unpublished length is taken where nothing lies behind it", () =>
  withServer(() => new Response(null, { status: 416 }), async (url, path) => {
    await Deno.mkdir(`${path}/..`, { recursive: true });
    await Deno.writeFile(`${path}.part`, content);
    await download(path, { urls: [url], checksum }, once);
    assertEquals(await Deno.readFile(path), content);
    await Deno.writeFile(`${path}.part`, content.slice(1));
    await assertRejects(
      () => download(path, { urls: [url], checksum }, once),
      Error,
      checksum.digest,
    );
    assertEquals([...Deno.readDirSync(`${path}/..`)].map(({ name }) => name), ["file"]);
  }));

Deno.test("progress names the size that the server tells, and counts what was there", () => {
  const answer = (request: Request) => {
    const start = Number(/bytes=(\d+)-/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
    return new Response(content.slice(start), {
      status: start > 0 ? 206 : 200,
      headers: { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` },
    });
  };
  return withServer(answer, async (url, path) => {
    await Deno.mkdir(`${path}/..`, { recursive: true });
    await Deno.writeFile(`${path}.part`, content.slice(0, 70));
    const seen: unknown[] = [];
    await download(path, { urls: [url], checksum }, {
      ...once,
      onProgress: (progress) => seen.push(progress),
    });
    assertEquals(seen.at(-1), { bytes: content.length, totalBytes: content.length });
  });
});

Deno.test("a part that another process writes is left alone", () =>
  withServer(() => new Response(content), async (url, path) => {
    await Deno.mkdir(`${path}/..`, { recursive: true });
    {
      using other = await Deno.open(`${path}.part`, { write: true, create: true });
      await other.lock(true);
      await other.write(content.slice(0, 9));
      await assertRejects(() => download(path, { urls: [url] }, once), Error, "another process");
      assertEquals(await Deno.readFile(`${path}.part`), content.slice(0, 9));
    }
    await download(path, { urls: [url] }, once);
    assertEquals(await Deno.readFile(path), content);
  }));

Deno.test("the message says what went wrong at each address", () =>
  withServer(({ url }) => new Response("no", { status: url.endsWith("gone") ? 410 : 403 }), async (
    url,
    path,
  ) => {
    const gone = url.replace("file", "gone");
    const error = await assertRejects(() => download(path, { urls: [url, gone] }, once), Error);
    assertEquals(
      (error as Error).message,
      `Cannot download ${url}: the server answered 403; ${gone}: the server answered 410.`,
    );
  }));

Deno.test("an address without https is taken for a file with a checksum alone", async () => {
  const path = `${await Deno.makeTempDir()}/file`;
  for (const url of ["http://example.invalid/file", "ftp://example.invalid/file"]) {
    await assertRejects(
      () => download(path, { urls: [url] }, once),
      Error,
      "a file whose checksum is not known must come by https",
    );
  }
  await assertRejects(
    () => download(path, { urls: ["file:///etc/hostname"], checksum }, once),
    Error,
    "must come by https",
  );
  const error = await assertRejects(
    () => download(path, { urls: ["http://example.invalid/file"], checksum }, once),
    Error,
  );
  assertEquals((error as Error).message.includes("must come by https"), false);
});

Deno.test("a redirect away from https or the loopback is refused without a checksum", () =>
  withServer(
    (request) =>
      new URL(request.url).pathname === "/file"
        ? Response.redirect(request.url.replace("127.0.0.1", "localhost").replace("file", "other"))
        : new Response(content),
    async (url, path) => {
      await assertRejects(
        () => download(path, { urls: [url] }, once),
        Error,
        "it leads to http://localhost",
      );
      await download(path, { urls: [url], checksum }, once);
      assertEquals(await Deno.readFile(path), content);
    },
  ));
