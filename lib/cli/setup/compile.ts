import { basename, join } from "node:path";
import { SetupFailure } from "./failure.ts";
import { lastLines, runCommand } from "./run_command.ts";

/**
 * Finds a C++ compiler.
 *
 * @param names Programs to try in order. Default `$CXX`, g++, clang++, c++.
 * @throws {SetupFailure} Saying what to install.
 */
export async function findCompiler(
  names: readonly string[] = [Deno.env.get("CXX"), "g++", "clang++", "c++"]
    .filter((name) => name !== undefined),
): Promise<string> {
  for (const name of names) {
    if ((await runCommand(name, ["--version"]))?.success) return name;
  }
  throw new SetupFailure(
    "A C++ compiler is needed but none was found: install one (Debian, Ubuntu: apt-get install g++; " +
      "Fedora: dnf install gcc-c++; macOS: xcode-select --install), or set CXX to where it is.",
  );
}

/** What the binding is compiled from. */
export interface BindingSources {
  /** The package `@tensorflow/tfjs-node`. */
  readonly tfjsNode: string;
  /** The package `node-api-headers`. */
  readonly nodeApiHeaders: string;
  /** A folder with `deps/lib` (TensorFlow's libraries) and `deps/include` (its headers). */
  readonly folder: string;
  /** For the compiler's own files. */
  readonly temporary: string;
  /** See `RunCommandOptions`. */
  readonly supervisor?: string;
}

/**
 * Compiles tfjs-node's own C++ sources against TensorFlow's C library.
 *
 * @returns The compiled add-on, `lib/napi-v8/tfjs_binding.node` inside the folder.
 * @throws {SetupFailure} If there is no compiler or it fails.
 */
export async function compileBinding(sources: BindingSources): Promise<string> {
  const compiler = await findCompiler();
  const libraryFolder = join(sources.folder, "deps", "lib");
  const libraries = (await Array.fromAsync(Deno.readDir(libraryFolder)))
    .map(({ name }) => join(libraryFolder, basename(name)));
  const darwin = Deno.build.os === "darwin";
  const addon = join(sources.folder, "lib", "napi-v8", "tfjs_binding.node");
  await Deno.mkdir(join(sources.folder, "lib", "napi-v8"), { recursive: true });
  const origin = darwin ? "@loader_path" : "$ORIGIN";
  const result = await runCommand(compiler, [
    ...["-O2", "-shared", "-fPIC", "-std=c++17", "-DNAPI_VERSION=8"],
    ...(darwin ? ["-undefined", "dynamic_lookup"] : []),
    ...["-I.", `-I${join(sources.folder, "deps", "include")}`],
    `-I${join(sources.nodeApiHeaders, "include")}`,
    ...["binding/tfjs_backend.cc", "binding/tfjs_binding.cc"],
    ...["-o", addon, ...libraries],
    `-Wl,-rpath,${origin}/../../deps/lib`,
  ], {
    cwd: sources.tfjsNode,
    env: { TMPDIR: sources.temporary },
    ...(sources.supervisor === undefined ? {} : { supervisor: sources.supervisor }),
  });
  if (!result?.success) {
    throw new SetupFailure(
      `${compiler} cannot compile tfjs-node's binding (a compiler for C++17 is needed): ${
        lastLines(result?.output ?? "")
      }`,
    );
  }
  return addon;
}
