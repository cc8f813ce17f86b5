import { assertEquals } from "../../lib/assert/mod.ts";
import { kernelDescription } from "../../lib/cli/setup/_kernel_description.ts";
import { setupPaths } from "../../lib/cli/setup/paths.ts";
import { damagedFiles } from "../../lib/cli/setup/_installed_file.ts";
import { readStamp, validStamp, wholeStamp, writeStamp } from "../../lib/cli/setup/stamp.ts";

async function project() {
  const root = await Deno.makeTempDir();
  return { root, state: `${root}/state` };
}

const HOUR = 3_600_000;

/** Changes a file's bytes and lets its size and time be what they were. */
async function changeUnseen(path: string, text: string): Promise<void> {
  const { atime, mtime } = await Deno.stat(path);
  await Deno.writeTextFile(path, text);
  await Deno.utime(path, atime!, mtime!);
}

Deno.test("a stamp is void when a file has another size or time, or a link another end", async () => {
  const place = await project();
  const [file, link] = [`${place.root}/library.so`, `${place.root}/link`];
  await Deno.writeTextFile(file, "1234");
  await Deno.symlink("library.so", link);
  const stamp = () => writeStamp(place, "part", "a", [file, link], { version: "1" });
  const valid = () => validStamp(place, "part", "a");
  await stamp();
  assertEquals((await valid())?.detail, { version: "1" });
  for (
    const damage of [
      () => Deno.writeTextFile(file, "123"),
      () => Deno.utime(file, new Date(), new Date(Date.now() - HOUR)),
      () => Deno.remove(link).then(() => Deno.symlink("state", link)),
    ]
  ) {
    await damage();
    assertEquals(await valid(), undefined);
    await stamp();
    assertEquals((await valid())?.schema, 2);
  }
  await Deno.remove(place.root, { recursive: true });
});

Deno.test("changed bytes are found by their hash even where size and time are the same", async () => {
  const place = await project();
  const file = `${place.root}/library.so`;
  await Deno.writeTextFile(file, "1234");
  await writeStamp(place, "part", "a", [file]);
  await changeUnseen(file, "1235");
  assertEquals((await validStamp(place, "part", "a"))?.fingerprint, "a");
  assertEquals(await wholeStamp(place, "part", "a"), undefined);
  assertEquals(damagedFiles(place.root, (await readStamp(place.state, "part"))!.files), [
    "library.so",
  ]);
  await Deno.remove(place.root, { recursive: true });
});

Deno.test("a stamp names no place, and holds for a copy of the project", async () => {
  const place = await project();
  await Deno.mkdir(`${place.root}/a`);
  await Deno.writeTextFile(`${place.root}/a/library.so`, "1234");
  await Deno.symlink(`${place.root}/a/library.so`, `${place.root}/link`);
  await writeStamp(place, "part", "a", [`${place.root}/a/library.so`, `${place.root}/link`]);
  assertEquals((await Deno.readTextFile(`${place.state}/part.json`)).includes(place.root), false);
  const moved = `${place.root}-moved`;
  await Deno.rename(place.root, moved);
  const there = { root: moved, state: `${moved}/state` };
  // An absolute link does not lead where it led; a file does not know where it lies.
  assertEquals(damagedFiles(moved, (await readStamp(there.state, "part"))!.files), ["link"]);
  await Deno.remove(moved, { recursive: true });
});

Deno.test("a stamp that is no JSON, or of another schema, is void", async () => {
  const place = await project();
  await Deno.mkdir(place.state);
  for (
    const text of [
      "{",
      `{"schema":1,"fingerprint":"a","files":[],"detail":{}}`,
      `{"schema":2,"fingerprint":"a","files":[["a",1]],"detail":{}}`,
    ]
  ) {
    await Deno.writeTextFile(`${place.state}/part.json`, text);
    assertEquals(await validStamp(place, "part", "a"), undefined);
  }
  await Deno.remove(place.root, { recursive: true });
});

Deno.test("the kernel runs the Deno inside the project, not the one of npx", () => {
  const paths = setupPaths("/p");
  const { argv } = kernelDescription(paths.kernelDeno) as { argv: string[] };
  assertEquals(argv.slice(0, 2), ["/p/.venv/bin/deno", "jupyter"]);
});
