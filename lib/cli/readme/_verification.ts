/** The table of docs/verification.md: what was compared with which library, and how closely. */
import { join } from "node:path";
import { z } from "zod";
import { markdownTable } from "../../experiments/views/table.ts";

/** A claim that a test compares with values which another library computed. */
export interface GoldenCheck {
  readonly claim: string;
  /** Name of the script and of its values, `tests/golden/<golden>.py` and `.json`. */
  readonly golden: string;
  /** Test files that compare; relative to the checkout. */
  readonly tests: readonly string[];
  /** How closely the values agree. */
  readonly agreement: string;
  /** The bounds as they stand in the tests, so that this table cannot promise others. */
  readonly bounds: readonly string[];
}

/** The claims, in the order of the table. */
export const GOLDEN_CHECKS: readonly GoldenCheck[] = [
  {
    claim: "Logits, features and running statistics of ResNet-18 are torchvision's, in 3 variants",
    golden: "model",
    tests: ["tests/nn/golden_test.ts"],
    agreement: "logits within 1e-3, statistics within 1e-4",
    bounds: ["1e-3", "1e-4"],
  },
  {
    claim:
      "On images of other shapes too, ResNet-18 has torchvision's logits and gradients, with " +
      "both stems on 64 x 64 x 3, 28 x 28 x 1, 33 x 31 x 1, 1 x 1 x 1 and five more",
    golden: "shapes",
    tests: ["tests/nn/shapes_golden_test.ts"],
    agreement: "relative distance: logits 1e-4, gradients 2e-2, their lengths 1e-2",
    bounds: ["1e-4", "2e-2", "1e-2"],
  },
  {
    claim:
      "ResNet-34, ResNet-20, 32, 44 and 56 for 32 x 32 images and PreActResNet-18 in both forms have " +
      "PyTorch's names, logits, features, input gradients and running statistics",
    golden: "architectures",
    tests: ["tests/nn/architectures_golden_test.ts"],
    agreement: "logits and features within 1e-3, gradients' lengths relative 1e-2, statistics 1e-4",
    bounds: ["1e-3", "1e-2", "1e-4"],
  },
  {
    claim:
      "ONNX files of PyTorch, with an open or fixed batch, channels first or last, and with a " +
      "softmax, have its logits",
    golden: "onnx_models",
    tests: ["tests/nn/own_models_test.ts"],
    agreement: "logits within 1e-4 (after deno task setup --onnx)",
    bounds: ["1e-4"],
  },
  {
    claim:
      "Training follows the losses of PyTorch's SGD and Adam, also with Nesterov's momentum, " +
      "decay of matrices alone, clipping, warm-up and cosine together",
    golden: "train",
    tests: ["tests/train/golden_test.ts"],
    agreement: "relative 2e-3 for 3 steps, then 2e-2",
    bounds: ["2e-3", "2e-2"],
  },
  {
    claim:
      "Nesterov's momentum, decay without biases and gradient clipping give PyTorch's weights, " +
      "in 8 combinations",
    golden: "optimizers",
    tests: ["tests/train/optimizers_test.ts"],
    agreement: "weights within 2e-5 after 8 steps, the gradient's norm within 1e-4",
    bounds: ["2e-5", "1e-4"],
  },
  {
    claim: "Rates of all schedules with and without warm-up are PyTorch's schedulers'",
    golden: "optimizers",
    tests: ["tests/train/schedule_test.ts"],
    agreement: "1e-12",
    bounds: ["1e-12"],
  },
  {
    claim: "Cross entropy and label smoothing, with gradients, are PyTorch's",
    golden: "losses",
    tests: ["tests/losses/cross_entropy_test.ts"],
    agreement: "1e-6",
    bounds: ["1e-6"],
  },
  {
    claim: "Circle Loss and its gradient are pytorch-metric-learning's",
    golden: "losses",
    tests: ["tests/losses/circle_loss_test.ts"],
    agreement: "loss relative 1e-5, gradient 1e-4",
    bounds: ["1e-5", "1e-4"],
  },
  {
    claim: "TRADES' loss and its gradients are PyTorch's",
    golden: "losses",
    tests: ["tests/losses/trades_test.ts"],
    agreement: "loss relative 1e-6, gradients 1e-5",
    bounds: ["1e-6", "1e-5"],
  },
  {
    claim:
      "FGSM, PGD (targeted too) and APGD, in L∞ and L2, reach torchattacks' and Foolbox's images and losses",
    golden: "attacks",
    tests: ["tests/attacks/golden_test.ts"],
    agreement:
      "99.5 % of the pixels within 1e-4, APGD's losses within 1 % (DLR in L2 with 10 steps: 5 %)",
    bounds: ["0.995", "1e-4", "0.01"],
  },
  {
    claim: "APGD-T, FAB-T in L∞ and L2, DeepFool and C&W reach torchattacks' losses, lengths and " +
      "images, and AutoAttack leaves the same images standing",
    golden: "auto_attack",
    tests: ["tests/attacks/auto_attack_golden_test.ts"],
    agreement:
      "losses and FAB's lengths relative 0.01, C&W's 0.02; pixels within 1e-3, DeepFool's 1e-4",
    bounds: ["0.01", "0.02", "1e-3", "1e-4"],
  },
  {
    claim: "Accuracy, calibration errors, Brier score, NLL, temperature and risk-coverage agree " +
      "with scikit-learn, torchmetrics, scipy or the bare definition",
    golden: "metrics",
    tests: ["tests/metrics/golden_test.ts"],
    agreement: "1e-6",
    bounds: ["1e-6"],
  },
  {
    claim: "Silhouette, nearest neighbours, CKA, angles and the domain classifier are " +
      "scikit-learn's and numpy's",
    golden: "metrics",
    tests: ["tests/metrics/representation_test.ts"],
    agreement: "1e-6, the classifier's weights 1e-4",
    bounds: ["1e-6", "1e-4"],
  },
  {
    claim:
      "Balanced accuracy, Cohen's kappa, AUROC, average precision and false positive rates of " +
      "novelty and membership scores, Mahalanobis distances and AUGRC are scikit-learn's",
    golden: "trust",
    tests: ["tests/metrics/trust_golden_test.ts"],
    agreement: "1e-9, Mahalanobis relative 1e-5",
    bounds: ["1e-9", "1e-5"],
  },
  {
    claim: "The debiased l2 calibration error is that of uncertainty-calibration, and conformal " +
      "sets are MAPIE's",
    golden: "trust",
    tests: ["tests/metrics/trust_golden_test.ts"],
    agreement: "error 1e-6; LAC every set; APS mean size 0.1, coverage 0.015 over 40 seeds",
    bounds: ["1e-6", "0.1", "0.015"],
  },
  {
    claim:
      "Files of logits, probabilities and labels are read as numpy, safetensors and pandas wrote " +
      "them: 41 of npy in both orders, npz stored and deflated, safetensors, CSV",
    golden: "logits",
    tests: ["tests/metrics/load_predictions_test.ts"],
    agreement: "every bit; half floats 2e-3, rounded probabilities 4e-4",
    bounds: ["2e-3", "4e-4"],
  },
  {
    claim:
      "Every number of a judgement of logits in 7 and 100 classes, with temperature, LAC sets " +
      "and paired differences, is that of numpy, scipy, scikit-learn and torchmetrics",
    golden: "logits",
    tests: ["tests/experiments/report/judge_test.ts"],
    agreement: "1e-6",
    bounds: ["1e-6"],
  },
  {
    claim: "Wilson's interval and McNemar's p-value are scipy's",
    golden: "metrics",
    tests: ["tests/metrics/intervals_test.ts"],
    agreement: "1e-9",
    bounds: ["1e-9"],
  },
  {
    claim: "The CORAL distance of two domains is numpy's",
    golden: "coral_distance",
    tests: ["tests/metrics/coral_distance_test.ts"],
    agreement: "1e-12",
    bounds: ["1e-12"],
  },
  {
    claim: "The paired t interval over seeds is scipy's",
    golden: "seed_difference",
    tests: ["tests/metrics/seed_difference_test.ts"],
    agreement: "relative 1e-9",
    bounds: ["1e-9"],
  },
  {
    claim: "Integrated gradients of ResNet-18 from two baselines are captum's",
    golden: "integrated_gradients",
    tests: ["tests/attacks/integrated_gradients_test.ts"],
    agreement: "within 1e-2 of the largest attribution; sums and lengths relative 1e-2",
    bounds: ["1e-2"],
  },
  {
    claim: "The lower bound and the radius of a certificate are scipy's",
    golden: "certify",
    tests: ["tests/attacks/certify_test.ts"],
    agreement: "bound 1e-10, radius 1e-9",
    bounds: ["1e-10", "1e-9"],
  },
  {
    claim:
      "CIFAR-10-C's corruptions are those of numpy, scipy, scikit-image, OpenCV and Pillow, with " +
      "the same draws where they are random",
    golden: "corruptions",
    tests: ["tests/data/corrupt_test.ts"],
    agreement: "every byte within 1 in 15 kinds and 5 severities; JPEG within 2, on average 0.1",
    bounds: ["<= 1", "<= 2", "<= 0.1"],
  },
  {
    claim: "PCA of feature maps is scikit-learn's",
    golden: "pca",
    tests: ["tests/plots/embed_features_test.ts"],
    agreement: "1e-5",
    bounds: ["1e-5"],
  },
  {
    claim: "Files of the data sets are read as PyTorch, scipy and numpy read them",
    golden: "loaders",
    tests: ["tests/data/loaders_test.ts"],
    agreement: "every byte (SHA-256)",
    bounds: ["sha256"],
  },
  {
    claim:
      "PNG, JPEG and WebP files are decoded as by Pillow, and scaled and cut as by torchvision",
    golden: "images",
    tests: ["tests/data/image_folder_test.ts"],
    agreement: "every byte (SHA-256)",
    bounds: ["sha256"],
  },
  {
    claim: "The requirement files hold every dependency, for each Python and platform",
    golden: "requirements",
    tests: ["tests/cli/requirements_test.ts"],
    agreement: "no dependency missing, each with a wheel",
    bounds: ["golden/requirements.json"],
  },
  {
    claim: "PyTorch, NumPy, HDF5, ONNX and GGUF files, and torchvision's networks, are named",
    golden: "foreign_files",
    tests: ["tests/nn/foreign_checkpoint_test.ts"],
    agreement: "each by its name",
    bounds: ["golden/foreign_files.json"],
  },
];

const goldenSchema = z.object({ versions: z.record(z.string(), z.string()) });

/**
 * Reads which versions of which libraries computed the values of each golden file.
 *
 * @param root The checkout.
 * @returns E.g. "torch 2.14.1, torchvision 0.29.1" by the name of the golden file.
 * @throws {Error} If a file is not there or does not name its versions.
 */
export async function readGoldenVersions(root: string): Promise<Map<string, string>> {
  const versions = new Map<string, string>();
  for (const name of new Set(GOLDEN_CHECKS.map(({ golden }) => golden))) {
    const text = await Deno.readTextFile(join(root, "tests", "golden", `${name}.json`));
    const list = Object.entries(goldenSchema.parse(JSON.parse(text)).versions);
    versions.set(
      name,
      list.map(([library, version]) => `${library} ${version.replace(/\+.*$/, "")}`).join(", "),
    );
  }
  return versions;
}

/**
 * Writes the table.
 *
 * @param versions As {@linkcode readGoldenVersions} returns them.
 */
export function verificationBlock(versions: ReadonlyMap<string, string>): string {
  const rows = GOLDEN_CHECKS.map(({ claim, golden, tests, agreement }) => [
    claim,
    `\`deno test -P=test ${tests.join(" ")}\``,
    agreement,
    `[${golden}.py](../tests/golden/${golden}.py): ${versions.get(golden) ?? "–"}`,
  ]);
  return markdownTable(["claim", "command", "agreement", "values computed by"], rows);
}
