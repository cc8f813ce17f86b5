import {
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertThrows,
} from "../../lib/assert/mod.ts";
import {
  convolutionMultiplyAdds,
  outputSize,
  resnet18Convolutions,
  resnet18MultiplyAdds,
} from "../../lib/cli/bench/_multiply_adds.ts";
import { layerRows } from "../../lib/cli/bench/_layer_rows.ts";
import { summarizeRow, takeTurns } from "../../lib/cli/bench/_measure_row.ts";
import { parseBenchOptions } from "../../lib/cli/bench/flags.ts";
import { printedResult, profileText, rowTable } from "../../lib/cli/bench/print.ts";
import { type BenchResult, benchSchema, type Row } from "../../lib/cli/bench/result.ts";
import { type RowPlan, rowPlans } from "../../lib/cli/bench/_row_plans.ts";
import { Side } from "../../lib/cli/bench/side.ts";
import { ourTasks } from "../../lib/cli/bench/_our_tasks.ts";
import { profileKernels, traceCalls } from "../../lib/cli/bench/_profile_kernels.ts";
import { speedBlock } from "../../lib/cli/readme/_speed.ts";
import { nativeBackend } from "../../lib/backend/native_op.ts";
import { tf } from "../../lib/backend/tf.ts";
import { loadDataset } from "../../lib/data/load_dataset.ts";
import { resnet18 } from "../../lib/nn/resnet18.ts";

const rethrow = (error: Error): never => {
  throw error;
};

Deno.test("bench runs 7 rounds of 1 s without PyTorch unless told otherwise", () => {
  const options = parseBenchOptions(["--threads", "3"], rethrow);
  assertEquals(options, {
    rounds: 7,
    secondsPerRound: 1,
    threads: 3,
    quick: false,
    profile: false,
    out: "data/reports/bench.json",
  });
});

Deno.test("bench takes the other side's Python, the rounds and the file from its flags", () => {
  const args = ["--pytorch", "python3", "--rounds", "5", "--quick", "--out", "a.json"];
  const { pytorch, rounds, quick, secondsPerRound, out } = parseBenchOptions(args, rethrow);
  assertEquals([pytorch, rounds, quick, secondsPerRound, out], ["python3", 5, true, 0.2, "a.json"]);
});

Deno.test("bench refuses rounds that are no positive integer, and unknown flags", () => {
  for (const text of ["0", "-1", "1.5", "x"]) {
    assertThrows(
      () => parseBenchOptions([`--rounds=${text}`], rethrow),
      Error,
      "positive integer",
    );
  }
  assertThrows(() => parseBenchOptions(["--fast"], rethrow), Error, "--fast");
});

const plain = { name: "", size: 8, inputs: 2, outputs: 3, kernel: 3, stride: 1, padding: 1 };

Deno.test("a convolution's multiply-adds leave out taps on padding", () => {
  // 8 x 8, 3 x 3 padded by 1: along an axis the two border positions have 2 taps, six have 3.
  assertEquals(convolutionMultiplyAdds(plain), 2 * 3 * (2 * 2 + 6 * 3) ** 2);
  // On 2 x 2 maps each position sees the whole map: a dense product of 4 inputs by 4 outputs.
  assertEquals(convolutionMultiplyAdds({ ...plain, size: 2 }), 2 * 3 * 16);
  // Stride 2 from 2 x 2 to 1 x 1: 4 of the 9 taps.
  assertEquals(convolutionMultiplyAdds({ ...plain, size: 2, stride: 2 }), 2 * 3 * 4);
  assertEquals(convolutionMultiplyAdds({ ...plain, size: 1 }), 2 * 3 * 1);
});

Deno.test("the stem's multiply-adds equal the hand count", () => {
  // Along an axis 16 positions with 4, 6, 13 times 7 and 5 taps inside the 32 pixels.
  const [stem] = resnet18Convolutions();
  assertEquals(convolutionMultiplyAdds(stem!), 3 * 64 * (4 + 6 + 13 * 7 + 5) ** 2);
});

Deno.test("the counted convolutions are the model's, with its filters' shapes", () => {
  const model = resnet18();
  const filters = [...model.parameters].filter(([, { rank }]) => rank === 4);
  const counted = resnet18Convolutions().map(({ name, kernel, inputs, outputs }) =>
    [`${name}.weight`, [kernel, kernel, inputs, outputs].join()] as const
  );
  const expected = filters.map(([name, { shape }]) => [name, shape.join()] as const);
  assertEquals(new Map(counted), new Map(expected));
  model.dispose();
});

Deno.test("ResNet-18's multiply-adds at 32 x 32 equal the hand count", () => {
  const squared = (taps: number) => taps * taps;
  const stem = 3 * 64 * squared(106);
  const layer1 = 4 * 64 * 64 * squared(22);
  // 8 -> 4 with stride 2: positions with 2, 3, 3, 3 taps; on 4 x 4: 2, 3, 3, 2.
  const layer2 = 64 * 128 * (squared(11) + 16) + 3 * 128 * 128 * squared(10);
  const layer3 = 128 * 256 * (squared(5) + 4) + 3 * 256 * 256 * squared(4);
  const layer4 = 256 * 512 * (squared(2) + 1) + 3 * 512 * 512;
  const forward = stem + layer1 + layer2 + layer3 + layer4 + 512 * 10;
  assertEquals(resnet18MultiplyAdds(), {
    forward,
    inputGradient: 2 * forward,
    trainingStep: 3 * forward - stem,
  });
});

Deno.test("at 224 x 224 the shapes give torchvision's 1.814 GFLOPS, which counts padding", () => {
  const withPadding = resnet18Convolutions(224).map((shape) =>
    shape.inputs * shape.outputs * (shape.kernel * outputSize(shape)) ** 2
  );
  const total = withPadding.reduce((sum, layer) => sum + layer, 512 * 1000);
  assertEquals((total / 1e9).toFixed(3), "1.814");
  const { forward } = resnet18MultiplyAdds({ imageSize: 224, classes: 1000 });
  assertEquals(forward < total && forward > 0.9 * total, true);
});

Deno.test("the sides take turns and the first round is dropped", async () => {
  const log: string[] = [];
  const measure = (name: string) => () => {
    log.push(name);
    return Promise.resolve([log.length]);
  };
  const times = await takeTurns(measure("ours"), { a: measure("a"), b: measure("b") }, 2);
  assertEquals(log.join(" "), "ours a b ours a b ours a b");
  assertEquals(times, { ours: [[4], [7]], theirs: { a: [[5], [8]], b: [[6], [9]] } });
});

const plan: RowPlan = {
  name: "step",
  unit: "images/s",
  task: "step",
  against: { task: "step", name: "PyTorch" },
  options: {},
  amount: 100,
};

Deno.test("the ratio is the median of the rounds' ratios, not the ratio of medians", () => {
  const times = { ours: [[1], [2], [4]], theirs: { default: [[2], [2], [16]] } };
  const row = summarizeRow(plan, times); // ratios 2, 1, 4
  assertEquals([row.ours, row.theirs, row.ratio, row.against], [50, 50, 2, "PyTorch"]);
  assertEquals([row.oursBest, row.theirsBest], [100, 50]);
  assertEquals(row.rounds[2], { ours: 25, theirs: 6.25 });
});

Deno.test("a time's ratio is above 1 where we are faster, as a rate's", () => {
  const row = summarizeRow({ ...plan, unit: "s" }, { ours: [[2]], theirs: { default: [[3]] } });
  assertEquals([row.ours, row.theirs, row.ratio], [2, 3, 1.5]);
});

Deno.test("without another side a row has our figures alone", () => {
  const { ours, theirs, ratio, against } = summarizeRow(plan, { ours: [[1, 3, 2]], theirs: {} });
  assertEquals([ours, theirs, ratio, against], [50, null, null, null]);
});

Deno.test("every comparison names a task of ours and has a name of its own", () => {
  assertEquals(new Set(rowPlans.map(({ name }) => name)).size, rowPlans.length);
  assertEquals(rowPlans.filter(({ task }) => !(task in ourTasks)), []);
});

Deno.test("tasks of ours that step through batches run", async () => {
  const data = await loadDataset("cifar10", "train", { source: "procedural", limit: 16 });
  const inputs = { data, features: new Float32Array(), checkpoint: "" };
  const names = ["forward", "inputGradient", "fgsm", "pgd", "loading"];
  for (
    const name of [...names, "trainingStepSgd", "trainingStepAdam", "adversarialStep"]
  ) {
    const task = await ourTasks[name]!(inputs, { batchSize: 8, steps: 1 });
    await task.run();
    task.dispose();
  }
});

function exampleRow(name: string): Row {
  return summarizeRow({ ...plan, name }, { ours: [[1]], theirs: { channels_last: [[1.25]] } });
}

function exampleResult(): BenchResult {
  const seconds = { forward: 0.001, inputGradient: 0.002, filterGradient: 0.004 };
  const ratio = { ours: 110, theirs: 100, ratio: 1.1 };
  return {
    schema: 1,
    date: "2030-01-01T00:00:00.000Z",
    quick: true,
    machine: {
      cpu: "a CPU",
      cores: 2,
      threads: 2,
      memoryGiB: 8,
      os: "linux x86_64",
      loadBefore: 0.1,
    },
    versions: { deno: "2", torch: null },
    settings: { batchSize: 128, rounds: 1, secondsPerRound: 0.1 },
    peak: 100,
    rows: [exampleRow("forward")],
    loadingShare: { ours: 0.02, theirs: null },
    memory: [{ name: "forward", ...ratio }],
    growth: {
      batchSize: [{ name: "forward", size: 16, ...ratio }],
      pgdSteps: [{ name: "PGD", size: 1, ...ratio }],
      images: [{ images: 100, seconds: 2, imagesPerSecond: 50 }],
      longRun: { images: 100, seconds: [2, 2], lastOverFirst: 1 },
    },
    layers: layerRows([{ name: "layer4.1.conv1", ...seconds }]),
  };
}

Deno.test("a result passes its schema unchanged, also through JSON", () => {
  const result = exampleResult();
  assertEquals(benchSchema.parse(JSON.parse(JSON.stringify(result))), result);
});

Deno.test("oneDNN's rows, native time and what was left out are printed and on the page", () => {
  const { layers, ...rest } = exampleResult();
  const result: BenchResult = {
    ...rest,
    layers,
    versions: { deno: "2", torch: null },
    skipped: { "torch.compile": "no C++ compiler" },
    calls: [
      { task: "pgd", batchSize: 16, milliseconds: 90, nativeMilliseconds: 78, nativeCalls: 400 },
    ],
    oneDnn: {
      rows: [{ name: "PGD-10", unit: "images/s", on: 98, off: 57, ratio: 1.72 }],
      layersOff: layers,
    },
  };
  assertEquals(benchSchema.parse(JSON.parse(JSON.stringify(result))), result);
  const text = printedResult(result);
  assertEquals(/PGD-10 +images\/s +98\.0 +57\.0 +1\.72/.test(text), true);
  assertEquals(/pgd +16 +78\.0 +12\.0 +400/.test(text), true);
  const page = speedBlock(result).replaceAll(/ +/g, " ");
  assertEquals(page.includes("| PGD-10 | images/s | 98 | 57 | 1.72 |"), true);
  assertEquals(page.includes("| PGD-10 | 16 | 78.0 | 12.0 | 400 |"), true);
  assertEquals(page.includes("Not measured: torch.compile (no C++ compiler)."), true);
});

Deno.test("a trace lists every native call of a task in order, within its time", async () => {
  const product = () => tf.tidy(() => void tf.matMul(tf.ones([2, 2]), tf.ones([2, 2])));
  const { total, calls } = await traceCalls(product);
  assertEquals(calls.some(({ name }) => name.includes("MatMul")), true);
  let end = 0;
  for (const { start, milliseconds } of calls) {
    assertEquals(start >= end, true);
    end = start + milliseconds;
  }
  assertEquals(end <= total, true);
});

Deno.test("a result with a figure that is not finite is refused", () => {
  assertThrows(() => benchSchema.parse({ ...exampleResult(), peak: NaN }));
});

Deno.test("a layer's rate is its arithmetic over its time, and counts its twins", () => {
  const [layer] = exampleResult().layers;
  // 1 x 1 maps of 512 channels: 512^2 multiply-adds an image, 128 images.
  const gflops = 2 * 128 * 512 * 512 / 0.001 / 1e9;
  assertAlmostEquals(layer!.kernels.forward!.gflops, gflops, 1e-9);
  assertEquals([layer!.count, layer!.shape], [3, "1x1x512, 3x3/1 -> 512"]);
});

Deno.test("the printed table has one line a comparison under its header", () => {
  assertEquals(
    rowTable([exampleRow("forward"), exampleRow("PGD-10")]),
    "             unit  ours  theirs  ratio    min-max  of peak                 against\n" +
      "forward  images/s   100    80.0   1.25  1.25-1.25        -  PyTorch, channels_last\n" +
      "PGD-10   images/s   100    80.0   1.25  1.25-1.25        -  PyTorch, channels_last",
  );
});

Deno.test("the printed result names machine, versions and rounds", () => {
  const text = printedResult(exampleResult());
  for (
    const part of ["a CPU, 2 cores, 2 threads", "torch -", "medians of 1 alternating", "QUICK"]
  ) {
    assertEquals(text.includes(part), true, part);
  }
});

Deno.test("the device is in the machine's line where the result has it", () => {
  const result = exampleResult();
  assertEquals(printedResult(result).includes("our kernels on"), false);
  const onGpu = { ...result, machine: { ...result.machine, device: "NVIDIA L4" } };
  assertEquals(benchSchema.parse(JSON.parse(JSON.stringify(onGpu))), onGpu);
  assertEquals(printedResult(onGpu).includes("our kernels on: NVIDIA L4; deno 2"), true);
});

Deno.test("the machine's line names the kernel table, or what an older result has instead", () => {
  const result = exampleResult();
  const named = { ...result, machine: { ...result.machine, device: "CPU", kernels: "x86-64" } };
  assertEquals(benchSchema.parse(JSON.parse(JSON.stringify(named))), named);
  assertEquals(printedResult(named).includes("on: CPU, kernel table x86-64; deno 2"), true);
  for (const [oneDnn, word] of [[true, "on"], [false, "off"]] as const) {
    const recorded = { ...result, machine: { ...result.machine, device: "CPU", oneDnn } };
    assertEquals(benchSchema.parse(JSON.parse(JSON.stringify(recorded))), recorded);
    assertEquals(printedResult(recorded).includes(`on: CPU, oneDNN ${word}; deno 2`), true);
  }
});

Deno.test("README's speed block names the device where the result has it", () => {
  const { machine, ...rest } = exampleResult();
  const text = (device: object) =>
    speedBlock({ ...rest, versions: { deno: "2" }, machine: { ...machine, ...device } });
  const inParentheses = (block: string) => /\((a CPU.*?)\)/.exec(block)![1];
  assertEquals(inParentheses(text({})), "a CPU, 2 threads; deno 2");
  assertEquals(
    inParentheses(text({ device: "CPU" })),
    "a CPU, 2 threads; kernels on the CPU; deno 2",
  );
  assertEquals(
    inParentheses(text({ device: "CPU", kernels: "x86-64" })),
    "a CPU, 2 threads; kernels on the CPU, kernel table x86-64; deno 2",
  );
  assertEquals(
    inParentheses(text({ device: "CPU", oneDnn: false })),
    "a CPU, 2 threads; kernels on the CPU, oneDNN off; deno 2",
  );
  assertEquals(
    inParentheses(text({ device: "NVIDIA L4" })),
    "a CPU, 2 threads; the lab on NVIDIA L4, the rest on the CPU; deno 2",
  );
});

Deno.test("a printed profile's lines add up to its total, kernels beyond the most put together", () => {
  const kernels = [5, 2, 1].map((milliseconds, k) => ({ name: `K${k}`, calls: 3, milliseconds }));
  assertEquals(
    profileText("forward", { total: 10, kernels }, 1),
    "forward: 10.0 ms\n" +
      "kernel         calls    ms   share\n" +
      "K0                 3  5.00  50.0 %\n" +
      "other kernels      6  3.00  30.0 %\n" +
      "JavaScript         1  2.00  20.0 %",
  );
});

/** A side in a few lines: answers with its own request, or fails where asked to. */
function echo(program: string) {
  return new Side({ name: "echo", program: Deno.execPath(), args: ["eval", program], env: {} });
}

Deno.test("a side's answer comes back, and its error is reported with the request", async () => {
  const side = echo(`
    const reader = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).getReader();
    for (let turn = 0; turn < 2; turn++) {
      await reader.read();
      console.log(JSON.stringify(turn === 0 ? { value: [0.5] } : { error: "out of order" }));
    }
  `);
  assertEquals(await side.time("forward", "lab", {}, 1), [0.5]);
  await assertRejects(() => side.peakMemory(), Error, "out of order");
  await side.close();
});

Deno.test("a side that ends early is an error that names it", async () => {
  const side = echo(`await Deno.stdin.readable.getReader().read(); Deno.exit(3);`);
  await assertRejects(() => side.peakMemory(), Error, "echo ended with code 3");
  await side.close();
});

Deno.test("a side that cannot be started is an error that names the program", () => {
  const command = { name: "PyTorch's side", program: "no-such-python", args: [], env: {} };
  assertThrows(() => new Side(command), Error, "no-such-python");
});

Deno.test("the profile lists the kernels that ran and puts the binding back", async () => {
  const { binding } = nativeBackend();
  const product = () => tf.tidy(() => void tf.matMul(tf.ones([2, 2]), tf.ones([2, 2])));
  const { kernels } = await profileKernels(product, 2);
  const calls = kernels.find(({ name }) => name.includes("MatMul"))?.calls;
  assertEquals([calls, nativeBackend().binding], [1, binding]);
});
