import { assertEquals } from "../../lib/assert/mod.ts";
import { withLock } from "../../lib/cli/setup/lock.ts";
import { kernelDescription } from "../../lib/cli/setup/kernel_description.ts";
import { setupPaths } from "../../lib/cli/setup/paths.ts";
import { validStamp, writeStamp } from "../../lib/cli/setup/stamp.ts";

Deno.test("a stamp is void when a file it names has another size", async () => {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/library`;
  await Deno.writeTextFile(file, "1234");
  await writeStamp(folder, "part", "a", [file], { version: "1" });
  assertEquals((await validStamp(folder, "part", "a"))?.detail, { version: "1" });
  await Deno.writeTextFile(file, "123");
  assertEquals(await validStamp(folder, "part", "a"), undefined);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a stamp that is no JSON, or of another schema, is void", async () => {
  const folder = await Deno.makeTempDir();
  for (const text of ["{", `{"schema":2,"fingerprint":"a","files":[],"detail":{}}`]) {
    await Deno.writeTextFile(`${folder}/part.json`, text);
    assertEquals(await validStamp(folder, "part", "a"), undefined);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("work under one lock does not overlap", async () => {
  const folder = await Deno.makeTempDir();
  const events: string[] = [];
  const work = (name: string) => async () => {
    events.push(`${name} starts`);
    await new Promise((done) => setTimeout(done, 20));
    events.push(`${name} ends`);
  };
  await Promise.all([withLock(folder, work("a")), withLock(folder, work("b"))]);
  const order = events[0] === "a starts" ? ["a", "b"] : ["b", "a"];
  assertEquals(events, order.flatMap((name) => [`${name} starts`, `${name} ends`]));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the kernel runs the Deno inside the project, not the one of npx", () => {
  const paths = setupPaths("/p");
  const { argv } = kernelDescription(paths.kernelDeno) as { argv: string[] };
  assertEquals(argv[0], "/p/.venv/bin/deno");
});
