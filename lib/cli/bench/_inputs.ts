/** The data that both sides of the bench work on, handed over as files. */
import { join } from "node:path";
import { createDataset, type Dataset } from "../../data/dataset.ts";
import { loadDataset } from "../../data/load_dataset.ts";
import { writeAtomically } from "../../files/write_atomically.ts";
import { generator } from "../../random/generator.ts";

/** Images of the stand-in for CIFAR-10; the longest epoch that is timed. */
export const IMAGES = 5120;
/** Images of the timed evaluation. */
export const EVALUATION_IMAGES = 2000;
/** The timed attack sweep: FGSM and PGD at each budget. */
export const SWEEP = { images: 256, epsilons: [2 / 255, 8 / 255], steps: 10 };
/** Feature vectors of the timed embedding. */
export const POINTS = 2000;
/** ResNet-18's feature size. */
export const FEATURE_SIZE = 512;
const CLASSES = 10;

/** What a side reads. */
export interface Inputs {
  readonly data: Dataset;
  /** POINTS x FEATURE_SIZE, row-major. */
  readonly features: Float32Array;
  /** The file of the trained model that both sides attack; the request "checkpoint" writes it. */
  readonly checkpoint: string;
}

/** Ten Gaussian clusters cut off at zero, as features after a ReLU are. */
function clusteredFeatures(): Float32Array {
  const g = generator(0);
  const centres = Float32Array.from({ length: CLASSES * FEATURE_SIZE }, () => g.normal());
  return Float32Array.from({ length: POINTS * FEATURE_SIZE }, (_, k) => {
    const cluster = Math.floor(k / FEATURE_SIZE) % CLASSES;
    return Math.max(0, centres[cluster * FEATURE_SIZE + k % FEATURE_SIZE]! + g.normal());
  });
}

/**
 * Writes the inputs of a bench.
 *
 * @param directory An existing folder.
 */
export async function writeInputs(directory: string): Promise<void> {
  const data = await loadDataset("cifar10", "train", { source: "procedural", limit: IMAGES });
  const shapes = { featureSize: FEATURE_SIZE, evaluationImages: EVALUATION_IMAGES, sweep: SWEEP };
  await writeAtomically(join(directory, "shapes.json"), JSON.stringify(shapes));
  await writeAtomically(join(directory, "images.bin"), data.images);
  await writeAtomically(join(directory, "labels.bin"), data.labels);
  const features = new Uint8Array(clusteredFeatures().buffer);
  await writeAtomically(join(directory, "features.bin"), features);
}

/** Reads what {@linkcode writeInputs} wrote. */
export async function readInputs(directory: string): Promise<Inputs> {
  const read = (name: string) => Deno.readFile(join(directory, name));
  const images = await read("images.bin");
  const labels = await read("labels.bin");
  const features = new Float32Array((await read("features.bin")).buffer);
  const source = "procedural";
  return {
    data: createDataset({ name: "cifar10", split: "train", source, images, labels }),
    features,
    checkpoint: join(directory, "model.safetensors"),
  };
}
