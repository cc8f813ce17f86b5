import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { installBinding } from "../../lib/cli/setup/binding.ts";
import { SetupFailure } from "../../lib/cli/setup/failure.ts";
import {
  type GpuLibrariesOptions,
  installGpuLibraries,
  requireGpuPlatform,
} from "../../lib/cli/setup/_gpu_libraries.ts";
import { CUDA_LIBRARIES, CUDA_TENSORFLOW, gpuFingerprint } from "../../lib/cli/setup/gpu_pins.ts";
import { keptWay } from "../../lib/cli/setup/_kept_way.ts";
import { type SetupPaths, setupPaths } from "../../lib/cli/setup/paths.ts";
import { type PinnedWheel, TENSORFLOW_WHEELS, thisPlatform } from "../../lib/cli/setup/pins.ts";
import { stepReporter } from "../../lib/cli/setup/_step_reporter.ts";
import { findPython } from "../../lib/cli/setup/python.ts";
import { runCommand } from "../../lib/cli/setup/run_command.ts";
import { runSetup } from "../../lib/cli/setup/_run_setup.ts";
import { notePlace } from "../../lib/cli/setup/_venv_place.ts";
import { writeStamp } from "../../lib/cli/setup/stamp.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";
import { sha256 } from "../../lib/format/sha256.ts";

const { program } = await findPython();
const silent = stepReporter({ show() {}, keep() {}, stop() {} });

function pathsIn(folder: string): SetupPaths {
  return { ...setupPaths(folder), python: program };
}

/** A wheel with members of these names, each holding its own name. */
async function wheelOf(folder: string, name: string, members: string[]): Promise<PinnedWheel> {
  const path = join(folder, `${name.replaceAll("-", "_")}-1-py3-none-any.whl`);
  const code = "import sys, zipfile\n" +
    "with zipfile.ZipFile(sys.argv[1], 'w') as z:\n" +
    "    for name in sys.argv[2:]: z.writestr(name, name)";
  const made = await runCommand(program, ["-c", code, path, ...members]);
  assert(made?.success, made?.output);
  const sha256 = createHash("sha256").update(await Deno.readFile(path)).digest("hex");
  return { name, version: "1", pythonVersion: "3.11", tags: [], sha256, megabytes: 1 };
}

/** Small wheels with the layout of the real ones, and a fetch that copies them. */
async function smallWheels(index: string, fetched: string[]): Promise<GpuLibrariesOptions> {
  const tensorflow = await wheelOf(index, "tensorflow", [
    "tensorflow/libtensorflow_cc.so.2",
    "tensorflow/libtensorflow_framework.so.2",
    "tensorflow/python/_pywrap.so",
    "tensorflow/include/tensorflow/c/c_api.h",
  ]);
  const libraries = [
    await wheelOf(index, "nvidia-cudnn-cu12", [
      "nvidia/cudnn/lib/libcudnn.so.9",
      "nvidia/cudnn/include/cudnn.h",
    ]),
    await wheelOf(index, "nvidia-cuda-nvrtc-cu12", ["nvidia/cuda_nvrtc/lib/libnvrtc.so.12"]),
    await wheelOf(index, "nvidia-cuda-nvcc-cu12", [
      "nvidia/cuda_nvcc/bin/ptxas",
      "nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc",
      "nvidia/cuda_nvcc/nvvm/lib64/libnvvm.so",
    ]),
  ];
  const fetch: GpuLibrariesOptions["fetch"] = async (paths, { name }, _show, options) => {
    fetched.push(name);
    assertEquals(options, ["--no-cache-dir"]);
    const file = `${name.replaceAll("-", "_")}-1-py3-none-any.whl`;
    const wheels = join(paths.state, "wheels");
    await Deno.mkdir(wheels, { recursive: true });
    await Deno.copyFile(join(index, file), join(wheels, file));
    return join(wheels, file);
  };
  return { tensorflow, libraries, fetch, free: 6e9 };
}

async function withSmallWheels(
  work: (paths: SetupPaths, options: GpuLibrariesOptions, fetched: string[]) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const index = join(folder, "index");
    await Deno.mkdir(index);
    const fetched: string[] = [];
    await work(pathsIn(folder), await smallWheels(index, fetched), fetched);
  });
}

Deno.test("every download for a GPU is pinned, and TensorFlow's version is the CPU's", () => {
  const wheels = [CUDA_TENSORFLOW, ...CUDA_LIBRARIES];
  for (const { name, sha256 } of wheels) assert(/^[0-9a-f]{64}$/.test(sha256), name);
  assertEquals(new Set(gpuFingerprint).size, wheels.length);
  assertEquals(CUDA_TENSORFLOW.version, TENSORFLOW_WHEELS["linux-x86_64"]!.version);
});

Deno.test("--gpu elsewhere is refused in one sentence that says what to do", () => {
  for (const platform of ["linux-aarch64", "darwin-aarch64", "darwin-x86_64"] as const) {
    const error = assertThrows(() => requireGpuPlatform(platform), SetupFailure, platform);
    assert((error as Error).message.includes("--binding wheel"));
  }
});

Deno.test("NVIDIA's libraries lie where TensorFlow's library looks for them", () =>
  withSmallWheels(async (paths, options, fetched) => {
    const folder = await installGpuLibraries(paths, silent, options);
    const read = (path: string) => Deno.readTextFile(join(folder, "deps", path));
    // $ORIGIN/../nvidia/cudnn/lib is in the run path of libtensorflow_cc.so.2.
    assertEquals(
      await read("lib/../nvidia/cudnn/lib/libcudnn.so.9"),
      "nvidia/cudnn/lib/libcudnn.so.9",
    );
    // $ORIGIN/../../nvrtc/lib is in cuDNN's.
    await read("nvidia/cudnn/lib/../../nvrtc/lib/libnvrtc.so.12");
    await read("include/tensorflow/c/c_api.h");
    const { mode } = await Deno.stat(join(folder, "deps/nvidia/cuda_nvcc/bin/ptxas"));
    assertEquals(mode! & 0o111, 0o111);
    await assertRejects(() => Deno.stat(join(folder, "deps/nvidia/cuda_nvcc/nvvm/lib64")));
    assertEquals(fetched.length, 4);
    assertEquals([...Deno.readDirSync(join(paths.state, "wheels"))], []);
  }));

Deno.test("libraries that are in place are used again, but not where one is damaged", () =>
  withSmallWheels(async (paths, options, fetched) => {
    const folder = await installGpuLibraries(paths, silent, options);
    assertEquals(await installGpuLibraries(paths, silent, { ...options, free: 0 }), folder);
    assertEquals(fetched.length, 4);
    await Deno.writeTextFile(join(folder, "deps/nvidia/cudnn/lib/libcudnn.so.9"), "short");
    await installGpuLibraries(paths, silent, options);
    assertEquals(fetched.length, 8);
  }));

Deno.test("without room nothing is fetched, and the sentence says how much is needed", () =>
  withSmallWheels(async (paths, options, fetched) => {
    await Deno.mkdir(paths.state, { recursive: true });
    const error = await assertRejects(
      () => installGpuLibraries(paths, silent, { ...options, free: 4e9 }),
      SetupFailure,
    );
    assert((error as Error).message.includes("free about 5 GB"), String(error));
    assertEquals(fetched, []);
  }));

Deno.test("the way gpu compiles against the CUDA build and links it", () =>
  withFolder(async (root) => {
    const paths = pathsIn(await Deno.realPath(root));
    await Deno.mkdir(paths.tfjsNode, { recursive: true });
    const folder = join(paths.tensorflow, "gpu-1");
    const result = await installBinding(paths, silent, {
      way: "gpu",
      forGpu: async () => {
        await Deno.mkdir(join(folder, "deps"), { recursive: true });
        await Deno.mkdir(join(folder, "lib/napi-v8"), { recursive: true });
        await Deno.writeTextFile(join(folder, "lib/napi-v8/tfjs_binding.node"), "cuda");
        return folder;
      },
      probe: () =>
        Promise.resolve({
          tensorflow: "1",
          tfjsNode: "4",
          kernels: "public",
          missing: [],
          device: { gpus: ["a"] },
        }),
    });
    assertEquals([result.way, basename(result.folder)], ["gpu", "gpu-1"]);
    const addon = join(paths.tfjsNode, "lib/napi-v8/tfjs_binding.node");
    assertEquals(await Deno.readTextFile(addon), "cuda");
  }));

/** A project whose set-up for the goal "binding" is finished, with GPU support. */
async function projectOnGpu(folder: string, pins: readonly string[]): Promise<SetupPaths> {
  const paths = { ...setupPaths(folder), python: join(folder, "no-python") };
  await Deno.writeTextFile(join(folder, "deno.json"), `{ "imports": {} }`);
  const stamp = (part: string, fingerprint: unknown, detail = {}) =>
    writeStamp(paths, part, sha256(JSON.stringify(fingerprint)), [], detail);
  await stamp("packages", { platform: thisPlatform, imports: {} });
  await stamp("python", thisPlatform);
  await notePlace(paths);
  await stamp("binding", { platform: thisPlatform, gpu: pins }, { way: "gpu" });
  return paths;
}

const setUp = (paths: SetupPaths, binding?: "wheel") =>
  runSetup({ goal: "binding", paths, reporter: silent, ...(binding && { binding }) });
const onGpuPlatform = { ignore: thisPlatform !== "linux-x86_64" };

Deno.test("other tasks' set-up leaves GPU support alone", () =>
  withFolder(async (folder) => {
    const paths = await projectOnGpu(folder, gpuFingerprint);
    assertEquals(await keptWay(paths, "auto"), "gpu");
    assertEquals(await setUp(paths), []);
  }));

Deno.test("--binding wheel leaves GPU support", onGpuPlatform, () =>
  withFolder(async (folder) => {
    const paths = await projectOnGpu(folder, gpuFingerprint);
    // There is no Python here: that it is asked for the CPU's wheel is all that can happen.
    const error = await assertRejects(() => setUp(paths, "wheel"), SetupFailure);
    assert((error as Error).message.includes("tensorflow-cpu=="), String(error));
  }));

Deno.test(
  "new pins redo GPU support as GPU support",
  onGpuPlatform,
  () =>
    withFolder(async (folder) => {
      const paths = await projectOnGpu(folder, ["another"]);
      const error = await assertRejects(() => setUp(paths), SetupFailure);
      assert(/tensorflow==|about 5 GB/.test((error as Error).message), String(error));
    }),
);

Deno.test("without a stamp, or with the CPU's, the way is as ever", () =>
  withFolder(async (folder) => {
    const paths = pathsIn(folder);
    assertEquals(await keptWay(paths, "auto"), "auto");
    await writeStamp(paths, "binding", "a", [], { way: "wheel" });
    assertEquals(await keptWay(paths, "auto"), "auto");
    assertEquals(await keptWay(paths, "gpu"), "gpu");
  }));
