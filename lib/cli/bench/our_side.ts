/**
 * Our side of the bench: reads requests from stdin and answers on stdout. The other side's
 * counterpart is tests/bench/pytorch_side.py.
 *
 * usage: our_side.ts INPUTS
 */
import process from "node:process";
import { tf } from "../../backend/tf.ts";
import { waitForDevice } from "../../backend/device.ts";
import { nativeBackend } from "../../backend/native_op.ts";
import { selectImages } from "../../data/select_images.ts";
import { saveCheckpoint } from "../../nn/checkpoint.ts";
import { resnet18 } from "../../nn/resnet18.ts";
import { train } from "../../train/train.ts";
import { TextLineStream } from "../text_lines.ts";
import { type Inputs, readInputs } from "./_inputs.ts";
import { timeLayers } from "./_layer_times.ts";
import { ourTasks, type Task } from "./_our_tasks.ts";
import { profileKernels, traceCalls } from "./_profile_kernels.ts";
import type { Description, Request, TaskOptions } from "./_protocol.ts";

const VARIANT = "lab";

function describe(): Description {
  const { TF_Version } = nativeBackend().binding;
  return {
    versions: { deno: Deno.version.deno, tfjs: tf.version_core, libtensorflow: TF_Version },
    variants: Object.fromEntries(Object.keys(ourTasks).map((name) => [name, [VARIANT]])),
  };
}

/** Bytes. Linux counts from the program's start; the portable number may be the parent's. */
function peakMemory(): number {
  if (Deno.build.os !== "linux") return process.resourceUsage().maxRSS * 1024;
  const status = Deno.readTextFileSync("/proc/self/status");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)![1]) * 1024;
}

/** Seconds of the epochs of a real training run, after one to warm up. */
async function timeEpochs({ data }: Inputs, images: number, epochs: number): Promise<number[]> {
  const chosen = selectImages(data, Array.from({ length: images }, (_, index) => index));
  const model = resnet18({ seed: 1 });
  try {
    const history = await train(model, { train: chosen, epochs: epochs + 1 });
    return history.epochs.slice(1).map(({ seconds }) => seconds);
  } finally {
    model.dispose();
  }
}

/** Trains the model of the attack sweeps, so that it gets most images right, and saves it. */
async function saveTrainedModel({ data, checkpoint }: Inputs): Promise<number[]> {
  const model = resnet18({ seed: 1 });
  const start = performance.now();
  try {
    await train(model, { train: data, epochs: 2 });
    await saveCheckpoint(checkpoint, model);
  } finally {
    model.dispose();
  }
  return [(performance.now() - start) / 1000];
}

/** Keeps the last task, so that the rounds of a row do not make it anew. */
class Tasks {
  #key = "";
  #task: Task | undefined;

  constructor(readonly inputs: Inputs) {}

  async prepare(name: string, options: TaskOptions): Promise<Task> {
    const key = JSON.stringify([name, options]);
    if (this.#task && key === this.#key) return this.#task;
    this.#task?.dispose(); // frees the last task's memory first
    const maker = ourTasks[name];
    if (!maker) {
      throw new RangeError(`Expected a task of ${Object.keys(ourTasks)} but found ${name}`);
    }
    [this.#key, this.#task] = [key, await maker(this.inputs, options)];
    await this.#task.run(); // warm-up: allocations, primitive caches, JIT
    return this.#task;
  }
}

async function time(task: Task, budget: number): Promise<number[]> {
  const seconds: number[] = [];
  let spent = 0;
  while (seconds.length === 0 || spent < budget) {
    const start = performance.now();
    await task.run();
    waitForDevice();
    const one = (performance.now() - start) / 1000;
    spent += one;
    seconds.push(one);
  }
  return seconds;
}

async function answer(tasks: Tasks, request: Request): Promise<unknown> {
  switch (request.kind) {
    case "describe":
      return describe();
    case "time":
      return time(await tasks.prepare(request.task, request.options), request.budget);
    case "memory":
      return peakMemory();
    case "layers":
      return timeLayers(request.budget);
    case "profile": {
      const task = await tasks.prepare(request.task, request.options);
      return profileKernels(() => task.run());
    }
    case "trace": {
      const task = await tasks.prepare(request.task, request.options);
      return traceCalls(() => task.run());
    }
    case "checkpoint":
      return await saveTrainedModel(tasks.inputs);
    case "epochs":
      return await timeEpochs(tasks.inputs, request.images, request.epochs);
  }
}

async function main(): Promise<void> {
  const tasks = new Tasks(await readInputs(Deno.args[0]!));
  const lines = Deno.stdin.readable
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .pipeThrough(new TextLineStream());
  for await (const line of lines) {
    const reply = await answer(tasks, JSON.parse(line) as Request).then(
      (value) => ({ value }),
      (error: unknown) => ({ error: error instanceof Error ? error.stack : String(error) }),
    );
    console.log(JSON.stringify(reply));
  }
}

if (import.meta.main) await main();
