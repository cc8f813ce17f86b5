import { assertEquals } from "../../lib/assert/mod.ts";
import { kernelDescription } from "../../lib/cli/setup/_kernel_description.ts";
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

Deno.test("the kernel runs the Deno inside the project, not the one of npx", () => {
  const paths = setupPaths("/p");
  const { argv } = kernelDescription(paths.kernelDeno) as { argv: string[] };
  assertEquals(argv.slice(0, 2), ["/p/.venv/bin/deno", "jupyter"]);
});
