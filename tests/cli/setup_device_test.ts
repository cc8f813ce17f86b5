import { join } from "node:path";
import { deviceAdvice, gpuNames } from "../../lib/cli/setup/device_advice.ts";
import { deviceText, probedDevice } from "../../lib/cli/setup/_probed_device.ts";
import { assert, assertEquals } from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";

const HEAD = "2026-01-01 00:00:00.000000:";
const CREATED = `${HEAD} I tensorflow/core/common_runtime/gpu/gpu_device.cc:2022] Created device ` +
  "/job:localhost/replica:0/task:0/device:GPU:0 with 20754 MB memory:  -> device: 0, " +
  "name: NVIDIA L4, pci bus id: 0000:00:03.0, compute capability: 8.9";

Deno.test("a GPU's name and kind are read from TensorFlow's log", () => {
  const device = probedDevice(`${CREATED}\n{"gpu":true}`, true);
  assertEquals(device, { gpus: ["NVIDIA L4, compute capability 8.9"] });
  assertEquals(deviceText(device), "the GPU NVIDIA L4, compute capability 8.9");
  assertEquals(probedDevice("another log", true), { gpus: ["a GPU"] });
});

Deno.test("why there is no GPU is read from TensorFlow's log, each reason once", () => {
  const driver = "Could not find cuda drivers on your machine, GPU will not be used.";
  const log = [
    `${HEAD} I external/local_xla/xla/tsl/cuda/cudart_stub.cc:32] ${driver}`,
    `${HEAD} I tensorflow/core/util/port.cc:153] oneDNN custom operations are on.`,
    `${HEAD} I external/local_xla/xla/tsl/cuda/cudart_stub.cc:32] ${driver}`,
    "{}",
  ].join("\n");
  assertEquals(probedDevice(log, false), { gpus: [], reason: driver });
  assert(
    deviceText(probedDevice(log, false)).includes(`no GPU was found. TensorFlow: "${driver}"`),
  );
  assertEquals(deviceText(probedDevice("", false)), "the CPU");
});

Deno.test("the driver's program is asked for names, and its absence is no error", () =>
  withFolder(async (folder) => {
    const stub = async (name: string, script: string) => {
      const path = join(folder, name);
      await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`);
      await Deno.chmod(path, 0o755);
      return path;
    };
    assertEquals(await gpuNames("no-such-program-here"), []);
    assertEquals(await gpuNames(await stub("two", "echo NVIDIA L4; echo NVIDIA T4")), [
      "NVIDIA L4",
      "NVIDIA T4",
    ]);
    assertEquals(await gpuNames(await stub("broken", "echo no driver; exit 9")), []);
  }));

Deno.test("doctor says what to do about a GPU that is not in use", () => {
  const none = { gpus: [] };
  const advice = deviceAdvice(none, "wheel", ["NVIDIA L4"]);
  assert(advice.includes("NVIDIA L4") && advice.endsWith("task setup --gpu"), advice);
  assertEquals(deviceAdvice(none, "wheel", []), "the CPU");
  assert(deviceAdvice(none, "gpu", []).includes("lists no GPU"));
  assert(deviceAdvice(none, "gpu", ["NVIDIA L4"]).endsWith("driver lists NVIDIA L4"));
  assertEquals(deviceAdvice({ gpus: ["NVIDIA L4"] }, "gpu", []), "the GPU NVIDIA L4");
});
