import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { downloadAndUnpack } from "../../lib/data/download_dataset.ts";
import { downloadFile } from "../../lib/data/_download_file.ts";
import { extractTar } from "../../lib/data/_extract_tar.ts";
import type { RemoteFile } from "../../lib/data/definition.ts";
import { definitions } from "../../lib/data/_registry.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../lib/assert/mod.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const content = Uint8Array.from({ length: 200_000 }, (_, k) => (k * k) % 251);
const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");

/** Serves while `use` runs; counts the requests and keeps their Range headers. */
async function withServer<T>(
  answer: (request: Request, count: number) => Response | Promise<Response>,
  use: (url: string, ranges: (string | null)[]) => Promise<T>,
): Promise<T> {
  const ranges: (string | null)[] = [];
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {}, onError: () => new Response() },
    (r) => {
      ranges.push(r.headers.get("range"));
      return answer(r, ranges.length);
    },
  );
  return await use(`http://127.0.0.1:${server.addr.port}/file.bin`, ranges);
}

/** Sends some bytes and then breaks the connection off, or stays silent. */
function partly(bytes: Uint8Array, end: "break" | "silence", headers = {}, status = 200): Response {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes);
      if (end === "break") timer = setTimeout(() => controller.error(new Error("cut")), 20);
    },
    cancel: () => clearTimeout(timer),
  });
  return new Response(body, { status, headers });
}

/** A server's proper answer to a Range request. */
function ranged(request: Request): Response {
  const start = Number(/bytes=(\d+)-/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
  if (start === 0) return new Response(content);
  return new Response(content.slice(start), {
    status: 206,
    headers: { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` },
  });
}

const remote = (...urls: string[]): RemoteFile => ({
  path: "SET/file.bin",
  urls,
  bytes: content.length,
  md5: md5(content),
});
const quick = { pauseSeconds: 0, stallSeconds: 5, retries: 2 };

/** Names of the files in a directory's SET folder. */
async function listed(directory: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(`${directory}/SET`));
  return entries.map((entry) => entry.name).sort();
}

Deno.test("a file is fetched with progress, checked and given its name", async () => {
  const directory = await temporaryFolder();
  await withServer(() => new Response(content), async (url, ranges) => {
    const seen: number[] = [];
    const onProgress = ({ bytes }: { bytes: number }) => seen.push(bytes);
    assertEquals(await downloadFile(remote(url), directory, { ...quick, onProgress }), "fetched");
    assertEquals(seen.at(-1), content.length);
    assertEquals(await Deno.readFile(`${directory}/SET/file.bin`), content);
    assertEquals(await listed(directory), ["file.bin"]);
    assertEquals(await downloadFile(remote(url), directory, quick), "present");
    assertEquals(ranges, [null]);
  });
});

Deno.test("a broken connection goes on where it stopped", async () => {
  const directory = await temporaryFolder();
  const answer = (request: Request, count: number) =>
    count === 1 ? partly(content.slice(0, 70_000), "break") : ranged(request);
  await withServer(answer, async (url, ranges) => {
    assertEquals(await downloadFile(remote(url), directory, quick), "fetched");
    assertEquals(await Deno.readFile(`${directory}/SET/file.bin`), content);
    assertEquals(ranges, [null, "bytes=70000-"]);
  });
});

Deno.test("a stopped download is gone on with by the next call", async () => {
  const directory = await temporaryFolder();
  await Deno.mkdir(`${directory}/SET`);
  await Deno.writeFile(`${directory}/SET/file.bin.part`, content.slice(0, 1234));
  await withServer(ranged, async (url, ranges) => {
    assertEquals(await downloadFile(remote(url), directory, quick), "fetched");
    assertEquals(ranges, ["bytes=1234-"]);
  });
  assertEquals(await Deno.readFile(`${directory}/SET/file.bin`), content);
});

Deno.test("a server that knows no ranges starts again from the front", async () => {
  const directory = await temporaryFolder();
  await Deno.mkdir(`${directory}/SET`);
  await Deno.writeFile(`${directory}/SET/file.bin.part`, new Uint8Array(1000).fill(9));
  await withServer(() => new Response(content), async (url) => {
    assertEquals(await downloadFile(remote(url), directory, quick), "fetched");
  });
  assertEquals(await Deno.readFile(`${directory}/SET/file.bin`), content);
});

Deno.test("a file that stays truncated is an error; the part is kept, no file appears", async () => {
  const directory = await temporaryFolder();
  await withServer((request) => {
    const start = Number(/bytes=(\d+)/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
    const headers = start > 0 ? { "content-range": `bytes ${start}-/*` } : {};
    return new Response(content.slice(start, 5000), { status: start > 0 ? 206 : 200, headers });
  }, async (url, ranges) => {
    const error = await assertRejects(() => downloadFile(remote(url), directory, quick));
    assertStringIncludes((error as Error).message, "ended after 5000 of 200000 bytes");
    assertStringIncludes((error as Error).message, url);
    assertEquals(ranges.length, 3);
  });
  assertEquals(await listed(directory), ["file.bin.part"]);
});

Deno.test("a wrong checksum is an error and leaves nothing, the next address is tried", async () => {
  const directory = await temporaryFolder();
  const wrong = content.slice().fill(7, 100, 101);
  await withServer(() => new Response(wrong), async (bad, requests) => {
    const error = await assertRejects(() => downloadFile(remote(bad), directory, quick));
    assertStringIncludes((error as Error).message, md5(wrong));
    assertStringIncludes((error as Error).message, md5(content));
    assertEquals(await listed(directory), []);
    assertEquals(requests.length, 1);
    await withServer(ranged, async (good) => {
      assertEquals(await downloadFile(remote(bad, good), directory, quick), "fetched");
    });
  });
  assertEquals(await Deno.readFile(`${directory}/SET/file.bin`), content);
});

Deno.test("404 is not tried again at the same address", async () => {
  const directory = await temporaryFolder();
  await withServer(() => new Response("no", { status: 404 }), async (url, requests) => {
    await assertRejects(() => downloadFile(remote(url, url), directory, quick), Error, "404");
    assertEquals(requests.length, 2);
  });
  assertEquals(await listed(directory), []);
});

Deno.test("503 is tried again", async () => {
  const directory = await temporaryFolder();
  const answer = (request: Request, count: number) =>
    count < 3 ? new Response("busy", { status: 503 }) : ranged(request);
  await withServer(answer, async (url) => {
    assertEquals(await downloadFile(remote(url), directory, quick), "fetched");
  });
});

Deno.test("a silent connection is given up and gone on with", async () => {
  const directory = await temporaryFolder();
  const answer = (request: Request, count: number) =>
    count === 1 ? partly(content.slice(0, 300), "silence") : ranged(request);
  await withServer(answer, async (url, ranges) => {
    const options = { ...quick, stallSeconds: 0.3 };
    assertEquals(await downloadFile(remote(url), directory, options), "fetched");
    assertEquals(ranges, [null, "bytes=300-"]);
  });
  await withServer(() => partly(new Uint8Array(), "silence"), async (url) => {
    const other = await temporaryFolder();
    const options = { ...quick, stallSeconds: 0.1, retries: 0 };
    await assertRejects(() => downloadFile(remote(url), other, options), Error, "nothing arrived");
  });
});

Deno.test("a file longer than published is cut off", async () => {
  const directory = await temporaryFolder();
  const long = new Uint8Array(content.length + 5);
  await withServer(() => new Response(long), async (url) => {
    await assertRejects(() => downloadFile(remote(url), directory, quick), Error, "sends more");
  });
});

Deno.test("another file in the way is not overwritten", async () => {
  const directory = await temporaryFolder();
  await Deno.mkdir(`${directory}/SET`);
  await Deno.writeTextFile(`${directory}/SET/file.bin`, "mine");
  await withServer(ranged, async (url, requests) => {
    await assertRejects(
      () => downloadFile(remote(url), directory, quick),
      Error,
      "not the official",
    );
    assertEquals(requests, []);
  });
  assertEquals(await Deno.readTextFile(`${directory}/SET/file.bin`), "mine");
});

Deno.test("an abort rejects with AbortError and keeps the part", async () => {
  const directory = await temporaryFolder();
  const stop = new AbortController();
  await withServer(() => partly(content.slice(0, 500), "silence"), async (url) => {
    const onProgress = () => stop.abort();
    const fetching = downloadFile(remote(url), directory, {
      ...quick,
      onProgress,
      signal: stop.signal,
    });
    const error = await fetching.then(() => undefined, (reason: Error) => reason);
    assertEquals(error?.name, "AbortError");
  });
  assertEquals(await listed(directory), ["file.bin.part"]);
});

/** A ustar archive of ordinary files, packed. */
function tarball(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const [name, bytes] of Object.entries(files)) {
    const header = new Uint8Array(512);
    const put = (text: string, at: number) => header.set(new TextEncoder().encode(text), at);
    put(name, 0);
    put("0000644\0", 100);
    put(bytes.length.toString(8).padStart(11, "0") + "\0", 124);
    put("        ", 148);
    put("0", 156);
    put("ustar\x0000", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    put(sum.toString(8).padStart(6, "0") + "\0 ", 148);
    blocks.push(header, bytes, new Uint8Array((512 - bytes.length % 512) % 512));
  }
  const plain = new Uint8Array([...blocks, new Uint8Array(1024)].flatMap((block) => [...block]));
  return new Uint8Array(gzipSync(plain));
}

const members = { "batches/one.bin": 700, "batches/two.bin": 512 };
const one = content.slice(0, 700);
const two = content.slice(0, 512);
const archive = tarball({
  "batches/readme.html": content.slice(0, 10),
  "batches/one.bin": one,
  "../evil.bin": two,
  "batches/two.bin": two,
});

Deno.test("an archive is fetched, its wanted members taken out, and removed", async () => {
  const directory = await temporaryFolder();
  const file = { path: "set.tar.gz", bytes: archive.length, md5: md5(archive), members };
  await withServer(() => new Response(Uint8Array.from(archive)), async (url, requests) => {
    assertEquals(await downloadAndUnpack({ ...file, urls: [url] }, directory, quick), "fetched");
    assertEquals(await Deno.readFile(`${directory}/batches/one.bin`), one);
    assertEquals(await Deno.readFile(`${directory}/batches/two.bin`), two);
    const names = (await Array.fromAsync(Deno.readDir(`${directory}/batches`))).map((e) => e.name);
    assertEquals(names.sort(), ["one.bin", "two.bin"]);
    assertEquals((await Array.fromAsync(Deno.readDir(directory))).map((e) => e.name), ["batches"]);
    assertEquals(await downloadAndUnpack({ ...file, urls: [url] }, directory, quick), "present");
    assertEquals(requests.length, 1);
    await Deno.writeFile(`${directory}/batches/two.bin`, new Uint8Array(3));
    await assertRejects(
      () => downloadAndUnpack({ ...file, urls: [url] }, directory, quick),
      Error,
      "not the official file",
    );
  });
});

Deno.test("a damaged or incomplete archive is an error that names it", async () => {
  const directory = await temporaryFolder();
  const path = `${directory}/set.tar.gz`;
  const extract = async (bytes: Uint8Array, wanted: Record<string, number> = members) => {
    await Deno.writeFile(path, bytes);
    await extractTar(path, directory, wanted);
  };
  await assertRejects(() => extract(archive.slice(0, -40)), Error, path);
  await assertRejects(
    () => extract(archive, { ...members, "batches/x": 1 }),
    Error,
    "lacks batches/x",
  );
  await assertRejects(() => extract(archive, { "batches/one.bin": 5 }), Error, "700 bytes");
});

Deno.test("every host of the published files may be reached by the download task", async () => {
  const { permissions } = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
  );
  for (const { officialFiles } of Object.values(definitions)) {
    for (const url of officialFiles.flatMap(({ urls }) => urls)) {
      assert(permissions.download.net.includes(new URL(url).host), url);
    }
  }
});

Deno.test("the published files are the loaders' files", () => {
  const files = Object.values(definitions).flatMap(({ officialFiles }) => officialFiles);
  const paths = files.flatMap(({ path, members }) => members ? Object.keys(members) : [path]);
  assertEquals(paths.length, 3 * 4 + 2 + 6 + 2);
  for (const { members = {}, memberMd5 = {} } of files) {
    for (const member of Object.keys(memberMd5)) assert(member in members, member);
  }
  for (const { urls, md5, bytes } of files) {
    assert(urls.length >= 2 && /^[0-9a-f]{32}$/.test(md5) && bytes > 4000);
  }
});
