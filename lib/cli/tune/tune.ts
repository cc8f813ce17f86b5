/** Measures every choice of a kernel table on this machine. */
import { batchNormTraining } from "../../backend/batch_norm.ts";
import { CONVOLUTION_FORMS } from "../../backend/convolution.ts";
import { classOf, type ConvolutionClass } from "../../backend/convolution_class.ts";
import {
  type ConvolutionForm,
  filterGradientBy,
  type FormOf,
  forwardBy,
  inputGradientBy,
  type Pass,
  PASSES,
  type Problem,
} from "../../backend/convolution_form.ts";
import {
  type ConvolutionRow,
  FORM_NAMES,
  type FormName,
  type KernelChoices,
  type Library,
  PRODUCT_KINDS,
} from "../../backend/kernel_choices.ts";
import { batchProduct, product } from "../../backend/product.ts";
import { maxPool3x3Stride2 } from "../../backend/max_pool.ts";
import { missingOneDnnKernels } from "../../backend/onednn.ts";
import { tf } from "../../backend/tf.ts";
import { convolutionProblems, tensorsOf } from "./_candidates.ts";
import { fastest, type Times, timesOf } from "./_compare_times.ts";

/** One choice: its candidates' times and which was taken. */
export interface TunedChoice {
  readonly what: string;
  readonly times: Times<string>;
  readonly chosen: string;
}

/** What {@linkcode tune} found. */
export interface Tuning {
  readonly choices: KernelChoices;
  readonly measured: readonly TunedChoice[];
}

/** How {@linkcode tune} measures. */
export interface TuneOptions {
  /** Calls of each candidate. */
  readonly rounds: number;
  /** Images in a batch. */
  readonly batch: number;
  readonly onChoice: (choice: TunedChoice) => void;
}

/** One pass by one form, as a training step runs it: the forward pass prepares the filter. */
function passOf(form: ConvolutionForm, pass: Pass, problem: Problem, tensors: Tensors) {
  const { x, filter, dy } = tensors;
  const prepare = () => form.prepare?.(filter, problem) ?? filter;
  if (form[pass] === undefined) return undefined;
  const able = form as FormOf<Pass>;
  if (pass === "forward") return () => forwardBy(able, x, prepare(), problem);
  if (pass === "filterGradient") return () => filterGradientBy(able, dy, x, problem);
  const prepared = prepare();
  return () => inputGradientBy(able, dy, prepared, problem);
}

type Tensors = ReturnType<typeof tensorsOf>;

/** Chooses the form of each pass of one class. */
function tuneConvolution(
  kind: ConvolutionClass,
  problem: Problem,
  shipped: ConvolutionRow,
  { rounds, libraries }: { rounds: number; libraries: readonly Library[] },
): { row: ConvolutionRow; measured: TunedChoice[] } {
  const tensors = tensorsOf(problem);
  const able = FORM_NAMES.filter((name) =>
    (name !== "onednn" || libraries.includes(name)) && CONVOLUTION_FORMS[name].fits(problem)
  );
  const chosen = PASSES.map((pass) => {
    const candidates = new Map<FormName, () => unknown>();
    for (const name of able) {
      const compute = passOf(CONVOLUTION_FORMS[name], pass, problem, tensors);
      if (compute) candidates.set(name, compute);
    }
    const times = timesOf(candidates, rounds);
    return { pass, times, form: fastest(times, shipped[pass]) };
  });
  return {
    row: Object.fromEntries(
      chosen.map(({ pass, form }) => [pass, form]),
    ) as unknown as ConvolutionRow,
    measured: chosen.map(({ pass, times, form }) => ({
      what: `${kind}, ${pass}`,
      times,
      chosen: form,
    })),
  };
}

/** Value and gradient of an operation that two libraries have. */
function withGradient(compute: (x: tf.Tensor4D) => tf.Tensor, x: tf.Tensor4D) {
  return () => tf.grad((input) => compute(input as tf.Tensor4D))(x);
}

/** What a table names under a path of keys. */
function choiceAt(choices: KernelChoices, path: readonly string[]): unknown {
  return path.reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], choices);
}

/** The computations that only two libraries compete for. */
function libraryTasks(images: number): Record<string, (library: Library) => () => unknown> {
  const normal = (...shape: number[]) => tf.randomNormal(shape, 0, 1, "float32", 1);
  const size = 512;
  const [rows, square] = [normal(images, size), normal(size, size)];
  const [maps, few] = [normal(images, 8, 8, 64), normal(16, 2, 2, 256)] as tf.Tensor4D[];
  const batch = normal(36, images, 128);
  const factors = normal(36, 128, 128);
  const second = { "a b": square, "a bT": square, "aT b": rows };
  const norm = (x: tf.Tensor4D, library: Library) => {
    const channels = x.shape[3];
    const [one, zero] = [tf.ones([channels]), tf.zeros([channels])];
    const state = { scale: one, offset: zero, mean: zero, variance: one };
    return withGradient((input) => batchNormTraining(input, state, { library }).y, x);
  };
  return {
    ...Object.fromEntries(PRODUCT_KINDS.map((kind) => [
      `products / ${kind}`,
      (library: Library) => () => product(rows, second[kind], kind, library),
    ])),
    batchProducts: (library) => () => batchProduct(batch, factors, "a b", library),
    "batchNorm / small": (library) => norm(few!, library),
    "batchNorm / large": (library) => norm(maps!, library),
    maxPool: (library) => withGradient((x) => maxPool3x3Stride2(x, { library }), maps!),
  };
}

/**
 * Measures every choice.
 *
 * @param shipped Kept where nothing is clearly faster.
 * @param options.rounds Calls of each candidate. Default 15.
 * @param options.batch Images in a batch. Default 128.
 * @param options.onChoice Called after each.
 */
export function tune(
  shipped: KernelChoices,
  { rounds = 15, batch = 128, onChoice = () => {} }: Partial<TuneOptions> = {},
): Tuning {
  tf.engine().startScope();
  try {
    return measureAll(shipped, { rounds, batch, onChoice });
  } finally {
    tf.engine().endScope();
  }
}

function measureAll(
  shipped: KernelChoices,
  { rounds, batch, onChoice }: TuneOptions,
): Tuning {
  const libraries: Library[] = missingOneDnnKernels().length === 0
    ? ["public", "onednn"]
    : ["public"];
  const measured: TunedChoice[] = [];
  const record = (choice: TunedChoice) => {
    measured.push(choice);
    onChoice(choice);
  };
  const convolutions = { ...shipped.convolutions };
  for (const problem of convolutionProblems(batch)) {
    const kind = classOf(problem);
    const result = tuneConvolution(kind, problem, shipped.convolutions[kind], {
      rounds,
      libraries,
    });
    convolutions[kind] = result.row;
    result.measured.forEach(record);
  }
  const chosen = new Map<string, Library>();
  for (const [what, taskOf] of Object.entries(libraryTasks(batch))) {
    const times = timesOf(new Map(libraries.map((one) => [one, taskOf(one)])), rounds);
    const choice = fastest(times, choiceAt(shipped, what.split(" / ")) as Library);
    chosen.set(what, choice);
    record({ what, times, chosen: choice });
  }
  const libraryOf = (what: string) => chosen.get(what)!;
  const choices: KernelChoices = {
    convolutions,
    products: {
      "a b": libraryOf("products / a b"),
      "a bT": libraryOf("products / a bT"),
      "aT b": libraryOf("products / aT b"),
    },
    batchProducts: libraryOf("batchProducts"),
    batchNorm: {
      small: libraryOf("batchNorm / small"),
      large: libraryOf("batchNorm / large"),
    },
    maxPool: libraryOf("maxPool"),
  };
  return { choices, measured };
}
