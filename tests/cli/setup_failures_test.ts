import { join } from "node:path";
import { assertEquals, assertRejects, assertStringIncludes } from "../../lib/assert/mod.ts";
import { findCompiler } from "../../lib/cli/setup/compile.ts";
import { SetupFailure } from "../../lib/cli/setup/failure.ts";
import { type SetupPaths, setupPaths } from "../../lib/cli/setup/paths.ts";
import { findPython, pip } from "../../lib/cli/setup/python.ts";
import { temporaryFolder } from "../temporary_folder.ts";

/** A program that prints a text and fails or not. */
async function stub(text: string, exit: number): Promise<string> {
  const path = join(await temporaryFolder(), "stub");
  await Deno.writeTextFile(path, `#!/bin/sh\ncat <<'END'\n${text}\nEND\nexit ${exit}\n`);
  await Deno.chmod(path, 0o755);
  return path;
}

async function pathsWithPython(python: string): Promise<SetupPaths> {
  return { ...setupPaths(await temporaryFolder()), python };
}

async function pipMessage(output: string): Promise<string> {
  const paths = await pathsWithPython(await stub(output, 1));
  const error = await assertRejects(
    () => pip(paths, "download", "pins.txt", "the wheel"),
    SetupFailure,
  );
  return (error as Error).message;
}

Deno.test("no Python: the sentence says which is needed and how to get it", async () => {
  const error = await assertRejects(() => findPython(["no-such-python"]), SetupFailure);
  assertStringIncludes(
    (error as Error).message,
    "Python 3.9 or newer is needed but none was found",
  );
  assertStringIncludes((error as Error).message, "apt-get install python3");
});

Deno.test("only an old Python: the sentence names it", async () => {
  const old = await stub("3.8.20", 0);
  const error = await assertRejects(() => findPython([old]), SetupFailure);
  assertStringIncludes((error as Error).message, `${old} is 3.8.20`);
});

Deno.test("a newer Python further down the list is found", async () => {
  const good = await stub("3.14.1", 0);
  const names = ["no-such-python", await stub("2.7.18", 0), await stub("", 1), good];
  assertEquals(await findPython(names), { program: good, version: "3.14.1" });
});

Deno.test("no compiler: the sentence says what to install", async () => {
  const error = await assertRejects(() => findCompiler(["no-such-compiler"]), SetupFailure);
  assertStringIncludes((error as Error).message, "apt-get install g++");
});

Deno.test("no network: the sentence says what to allow", async () => {
  const message = await pipMessage(
    "WARNING: Retrying after NewConnectionError: Failed to establish a new connection: " +
      "[Errno -3] Temporary failure in name resolution\nERROR: No matching distribution found",
  );
  assertStringIncludes(message, "The Python package index cannot be reached for the wheel");
});

Deno.test("a full disk: the sentence says to free room", async () => {
  const message = await pipMessage("OSError: [Errno 28] No space left on device");
  assertStringIncludes(message, "not enough room on the disk");
});

Deno.test("a mirror with other files: the sentence says so", async () => {
  const message = await pipMessage("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE FILE");
  assertStringIncludes(message, "delivered another file than the pinned one");
});
