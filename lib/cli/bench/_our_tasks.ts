/** What our side of the bench is timed on: the library's own functions, as its users call them. */
import { tf } from "../../backend/tf.ts";
import { attackSweep } from "../../attacks/attack_sweep.ts";
import { fgsm } from "../../attacks/fgsm.ts";
import { pgd } from "../../attacks/pgd.ts";
import { type Batch, batches } from "../../data/batches.ts";
import { selectImages } from "../../data/select_images.ts";
import { crossEntropy } from "../../losses/cross_entropy.ts";
import { loadCheckpoint } from "../../nn/checkpoint.ts";
import { resnet18 } from "../../nn/resnet18.ts";
import { embedFeatures } from "../../plots/embed_features.ts";
import { adversarialBatch } from "../../train/adversarial.ts";
import { lossAndAccuracy } from "../../train/loss_and_accuracy.ts";
import { createOptimizer, optimizerOptions } from "../../train/optimizers.ts";
import { resolveSettings, type TrainOptions } from "../../train/options.ts";
import { trainStep } from "../../train/train_step.ts";
import { EVALUATION_IMAGES, FEATURE_SIZE, type Inputs, POINTS, SWEEP } from "./_inputs.ts";
import type { TaskOptions } from "./_protocol.ts";

/** A task that is ready to be called, again and again. */
export interface Task {
  run(): void | Promise<unknown>;
  dispose(): void;
}

/** Makes a task. */
export type TaskMaker = (inputs: Inputs, options: TaskOptions) => Task | Promise<Task>;

const EPSILON = 8 / 255;
/** Batches held ready, so that no task includes loading but "loading" itself. */
const READY_BATCHES = 8;

/** Whole batches, ready on the tensor side, one after another and again from the first. */
function batchCycle({ data }: Inputs, batchSize: number): { next(): Batch; dispose(): void } {
  const ready: Batch[] = [];
  for (const batch of batches(data, { batchSize })) {
    ready.push(batch);
    if (ready.length === Math.min(READY_BATCHES, Math.floor(data.length / batchSize))) break;
  }
  let turn = 0;
  return {
    next: () => ready[turn++ % ready.length]!,
    dispose: () => ready.forEach(({ x, y }) => tf.dispose([x, y])),
  };
}

/** A task on a model in eval mode that gives one tensor a call. */
function onModel(
  compute: (model: ReturnType<typeof resnet18>, batch: Batch, options: TaskOptions) => tf.Tensor,
): TaskMaker {
  return (inputs, options) => {
    const model = resnet18({ seed: 1 });
    const cycle = batchCycle(inputs, options.batchSize ?? 128);
    return {
      run() {
        const result = compute(model, cycle.next(), options);
        result.dataSync();
        result.dispose();
      },
      dispose() {
        cycle.dispose();
        model.dispose();
      },
    };
  };
}

/** The step of the training loop, with PGD before it where `adversarial` says so. */
function trainingStep(
  settingsOf: (options: TaskOptions) => Omit<TrainOptions, "train" | "epochs">,
): TaskMaker {
  return (inputs, options) => {
    const settings = resolveSettings({ epochs: 1, ...settingsOf(options) });
    const { learningRate, adversarial } = settings;
    const model = resnet18({ seed: 1 });
    const trained = model.parameters;
    const optimizer = createOptimizer(trained, optimizerOptions(settings));
    const context = { model, settings, optimizer, trained, frozen: () => false };
    const cycle = batchCycle(inputs, options.batchSize ?? 128);
    return {
      run() {
        const { x, y } = cycle.next();
        const perturbed = adversarial && adversarialBatch(model, x, y, adversarial, 0);
        const { notFinite } = trainStep(context, { x: perturbed ?? x, y, seed: 0 }, learningRate);
        perturbed?.dispose();
        if (notFinite) throw new Error(`The timed training diverged: ${notFinite} is not finite`);
      },
      dispose() {
        optimizer.dispose();
        cycle.dispose();
        model.dispose();
      },
    };
  };
}

const loading: TaskMaker = ({ data }, { batchSize = 128 }) => {
  function* endless() {
    for (let seed = 0;; seed++) {
      for (const batch of batches(data, { batchSize, shuffle: true, augment: "standard", seed })) {
        if (batch.y.size === batchSize) yield batch;
        else tf.dispose([batch.x, batch.y]);
      }
    }
  }
  const ready = endless();
  return {
    run() {
      const { x, y } = ready.next().value!;
      tf.dispose([x, y]);
    },
    dispose: () => void ready.return(),
  };
};

const evaluation: TaskMaker = ({ data }, { batchSize = 128 }) => {
  const model = resnet18({ seed: 1 });
  const indices = Array.from({ length: EVALUATION_IMAGES }, (_, index) => index);
  const test = selectImages(data, indices);
  return { run: () => lossAndAccuracy(model, test, { batchSize }), dispose: () => model.dispose() };
};

const sweep: TaskMaker = async ({ data, checkpoint }, { batchSize = 128 }) => {
  const { images, epsilons, steps } = SWEEP;
  const model = resnet18();
  await loadCheckpoint(checkpoint, model);
  const chosen = selectImages(data, Array.from({ length: images }, (_, index) => index));
  const options = { attacks: ["fgsm", "pgd"], epsilons, steps, batchSize } as const;
  return { run: () => attackSweep(model, chosen, options), dispose: () => model.dispose() };
};

const matrixProduct: TaskMaker = (_inputs, { size = 1024 }) => {
  const [a, b] = [tf.randomUniform([size, size], 0, 1, "float32", 1), tf.ones([size, size])];
  return {
    run: () => tf.tidy(() => void tf.matMul(a!, b!)),
    dispose: () => tf.dispose([a, b]),
  };
};

/** By name; the same names as the other side's. */
export const ourTasks: Readonly<Record<string, TaskMaker>> = {
  matrixProduct,
  forward: onModel((model, { x }) => tf.tidy(() => model.forward(x, { training: false }).logits)),
  trainingStepSgd: trainingStep(() => ({ optimizer: "sgd" })),
  trainingStepAdam: trainingStep(() => ({ optimizer: "adam" })),
  inputGradient: onModel((model, { x, y }) => {
    const loss = (pixels: tf.Tensor) => {
      const { logits } = model.forward(pixels as tf.Tensor4D, { training: false });
      return crossEntropy(logits, y, { reduction: "sum" });
    };
    return tf.tidy(() => tf.grad(loss)(x));
  }),
  fgsm: onModel((model, { x, y }) => fgsm(model, x, y, { epsilon: EPSILON })),
  pgd: onModel((model, { x, y }, { steps = 10 }) => pgd(model, x, y, { epsilon: EPSILON, steps })),
  adversarialStep: trainingStep(({ steps = 7 }) => ({
    optimizer: "sgd",
    adversarial: { attack: "pgd", epsilon: EPSILON, steps },
  })),
  sweep,
  loading,
  evaluation,
  umap: ({ features }) => ({
    run: () => void embedFeatures(features, POINTS, FEATURE_SIZE, { method: "umap" }),
    dispose: () => {},
  }),
};
