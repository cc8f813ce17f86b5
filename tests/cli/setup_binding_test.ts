import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../lib/assert/mod.ts";
import { installBinding, installOfficial, linkBinding } from "../../lib/cli/setup/binding.ts";
import { SetupFailure } from "../../lib/cli/setup/failure.ts";
import { type SetupPaths, setupPaths } from "../../lib/cli/setup/paths.ts";
import { officialArchives } from "../../lib/cli/setup/pins.ts";
import { stepReporter } from "../../lib/cli/setup/_step_reporter.ts";
import { progressLine } from "../../lib/terminal/progress.ts";
import { findPython } from "../../lib/cli/setup/python.ts";
import { runCommand } from "../../lib/cli/setup/run_command.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const LIBRARY = `libtensorflow.so.2.9.1`;

/** An empty project with tfjs-node's folder, and a Python that runs the unpacking. */
async function temporaryProject(): Promise<SetupPaths> {
  const paths = setupPaths(await Deno.realPath(await temporaryFolder()));
  await Deno.mkdir(paths.tfjsNode, { recursive: true });
  return { ...paths, python: (await findPython()).program };
}

async function archive(files: Record<string, string>, links: Record<string, string> = {}) {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
    await Deno.writeTextFile(join(folder, name), text);
  }
  for (const [name, target] of Object.entries(links)) {
    await Deno.symlink(target, join(folder, name));
  }
  const path = `${folder}.tar.gz`;
  const code =
    "import sys, tarfile; t = tarfile.open(sys.argv[2], 'w:gz'); t.add(sys.argv[1], '.'); " +
    "t.close()";
  const made = await runCommand((await findPython()).program, ["-c", code, folder, path]);
  assert(made?.success, made?.output);
  const bytes = await Deno.readFile(path);
  await Deno.remove(folder, { recursive: true });
  await Deno.remove(path);
  return { bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}

async function withMockArchives(
  work: (archives: NonNullable<ReturnType<typeof officialArchives>>) => Promise<void>,
): Promise<void> {
  const library = await archive(
    { [`lib/${LIBRARY}`]: "library", "include/tensorflow/c/c_api.h": "header" },
    { "lib/libtensorflow.so.2": LIBRARY, "lib/libtensorflow.so": "libtensorflow.so.2" },
  );
  const binding = await archive({ "napi-v8/tfjs_binding.node": "binding" });
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) =>
      new Response(
        request.url.endsWith("/b/CPU-linux-4.22.0.tar.gz") ? binding.bytes : library.bytes,
      ),
  );
  const base = `http://127.0.0.1:${server.addr.port}`;
  const settings: Record<string, string> = {
    TFJS_NODE_BASE_URI: `${base}/l/libtensorflow-`,
    TFJS_NODE_BINDING_URI: `${base}/b`,
  };
  try {
    const archives = officialArchives(binding.sha256, "linux-x86_64", (name) => settings[name]);
    await work({ ...archives, library: { ...archives.library, sha256: library.sha256 } });
  } finally {
    await server.shutdown();
  }
}

const quiet = () => {
  let text = "";
  const line = progressLine({ stream: { write: (part) => text += part } });
  return { reporter: stepReporter(line), text: () => text };
};
const probe = () =>
  Promise.resolve({
    tensorflow: "2.9.1",
    tfjsNode: "4.22.0",
    kernels: "public",
    missing: [],
    device: { gpus: [] },
  });

Deno.test("the official way unpacks the library with its links and the binding, and links both", async () => {
  const paths = await temporaryProject();
  await withMockArchives(async (archives) => {
    const result = await installBinding(paths, quiet().reporter, {
      way: "official",
      archives,
      probe,
    });
    assertEquals(result.way, "official");
  });
  const read = (path: string) => Deno.readTextFile(join(paths.tfjsNode, path));
  assertEquals(await read("lib/napi-v8/tfjs_binding.node"), "binding");
  assertEquals(await read("deps/lib/libtensorflow.so"), "library");
  assertEquals(await Deno.readLink(join(paths.tfjsNode, "deps/lib/libtensorflow.so.2")), LIBRARY);
  await Deno.remove(paths.root, { recursive: true });
});

Deno.test("the official addresses are tfjs-node's own, and the binding's hash must be named", () => {
  const named = "A1".repeat(32);
  const archives = officialArchives(named, "linux-x86_64", () => undefined);
  assert(archives.library.url.endsWith("/libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz"));
  assert(archives.binding.url.endsWith("/napi-v8/4.22.0/CPU-linux-4.22.0.tar.gz"));
  assertEquals(archives.library.sha256.length, 64);
  assertEquals(archives.binding.sha256, named.toLowerCase());
  for (const hash of [undefined, "", "a1", `${named}00`]) {
    assertThrows(() => officialArchives(hash, "linux-x86_64"), SetupFailure, "--sha256");
  }
  assertThrows(() => officialArchives(named, "darwin-x86_64"), SetupFailure, "--binding wheel");
});

Deno.test("a library with another hash than the pinned one is refused and leaves nothing", async () => {
  const paths = await temporaryProject();
  await withMockArchives(async (archives) => {
    const library = { ...archives.library, sha256: "0".repeat(64) };
    await assertRejects(
      () => installOfficial(paths, { ...archives, library }, quiet().reporter),
      SetupFailure,
    );
  });
  assertEquals(await Deno.stat(paths.tensorflow).catch(() => undefined), undefined);
  await Deno.remove(paths.root, { recursive: true });
});

Deno.test("the wheel is the way unless another is named, and the official one needs a hash", async () => {
  const paths = await temporaryProject();
  const fromWheel = async () => {
    const folder = join(paths.tensorflow, "wheel-test");
    await Deno.mkdir(join(folder, "deps/lib"), { recursive: true });
    await Deno.mkdir(join(folder, "lib/napi-v8"), { recursive: true });
    await Deno.writeTextFile(join(folder, "lib/napi-v8/tfjs_binding.node"), "compiled");
    return folder;
  };
  const options = { fromWheel, probe };
  assertEquals((await installBinding(paths, quiet().reporter, options)).way, "wheel");
  await assertRejects(
    () => installBinding(paths, quiet().reporter, { ...options, way: "official" }),
    SetupFailure,
    "--sha256",
  );
  await Deno.remove(paths.root, { recursive: true });
});

Deno.test("a binding with another hash than the named one is refused", async () => {
  const paths = await temporaryProject();
  await withMockArchives(async (archives) => {
    const binding = { ...archives.binding, sha256: "0".repeat(64) };
    await assertRejects(
      () => installOfficial(paths, { ...archives, binding }, quiet().reporter),
      SetupFailure,
      "SHA-256",
    );
  });
  assertEquals(await Deno.stat(paths.tensorflow).catch(() => undefined), undefined);
  await Deno.remove(paths.root, { recursive: true });
});

Deno.test("linking replaces a real folder and a link, through a linked package folder", async () => {
  const paths = await temporaryProject();
  const real = join(paths.root, "node_modules", ".deno", "a", "b", "tfjs-node");
  await Deno.mkdir(join(real, "deps", "lib"), { recursive: true });
  await Deno.remove(paths.tfjsNode);
  await Deno.symlink("../.deno/a/b/tfjs-node", paths.tfjsNode);
  for (const version of ["one", "two"]) {
    const folder = join(paths.tensorflow, version);
    await Deno.mkdir(join(folder, "deps"), { recursive: true });
    await Deno.mkdir(join(folder, "lib", "napi-v8"), { recursive: true });
    await Deno.writeTextFile(join(folder, "lib", "napi-v8", "tfjs_binding.node"), version);
    await linkBinding(paths, folder);
    const addon = join(paths.tfjsNode, "lib", "napi-v8", "tfjs_binding.node");
    assertEquals(await Deno.readTextFile(addon), version);
  }
  const left = [...Deno.readDirSync(real)].map(({ name }) => name).sort();
  assertEquals(left, ["deps", "lib"]);
  assert(!(await Deno.readLink(join(real, "deps"))).startsWith("/"), "a project may be moved");
  await Deno.remove(paths.root, { recursive: true });
});

Deno.test("a wheel that lacks the library is an error that names the pattern", async () => {
  const paths = await temporaryProject();
  const { bytes } = await archive({ "a.txt": "a" });
  const path = join(paths.root, "x.tar.gz");
  await Deno.writeFile(path, bytes);
  const { unpack } = await import("../../lib/cli/setup/python.ts");
  const error = await assertRejects(() => unpack(paths, path, paths.root, [["b.txt", "b.txt"]]));
  assertStringIncludes((error as Error).message, "b.txt");
  await Deno.remove(paths.root, { recursive: true });
});
