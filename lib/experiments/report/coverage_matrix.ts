/** Table VI: where each requirement is met: code, notebook, evidence. */

/** One requirement; paths are relative to the checkout. */
export interface Requirement {
  readonly requirement: string;
  /** Whether a reader finds it in published runs. */
  readonly status: "complete" | "in code, not yet in published runs";
  /** A file or folder of the library. */
  readonly code: string;
  readonly notebook: string;
  /** Words of the notebook's heading where it is shown. */
  readonly section: string;
  /** A committed file that holds the numbers or shows the chart. */
  readonly evidence: string;
}

const NOTEBOOKS = {
  generalization: "notebooks/1_generalization.ipynb",
  transfer: "notebooks/2_transfer.ipynb",
  adversarial: "notebooks/3_adversarial.ipynb",
  calibration: "notebooks/4_calibration.ipynb",
  circle: "notebooks/5_circle_loss.ipynb",
} as const;

const RESULTS = {
  training: "data/results/training_summary.csv",
  crossDomain: "data/results/cross_domain_summary.csv",
  robustness: "data/results/robustness_summary.csv",
  metrics: "data/results/metrics_summary.json",
} as const;

function row(
  requirement: string,
  code: string,
  notebook: keyof typeof NOTEBOOKS,
  section: string,
  evidence: string,
  status: Requirement["status"] = "complete",
): Requirement {
  return { requirement, status, code, notebook: NOTEBOOKS[notebook], section, evidence };
}

/** Of what a record of an older form does not hold: a test of the function is the evidence. */
function built(
  requirement: string,
  code: string,
  notebook: keyof typeof NOTEBOOKS,
  section: string,
  evidence: string,
): Requirement {
  return row(requirement, code, notebook, section, evidence, "in code, not yet in published runs");
}

/** The rows of Table VI. */
export const requirements: readonly Requirement[] = [
  row(
    "ResNet-18 by hand",
    "lib/nn/resnet18.ts",
    "generalization",
    "1.3 The runs",
    RESULTS.training,
  ),
  row(
    "Batch norm against none",
    "lib/nn/_convolution_layer.ts",
    "generalization",
    "1.5 How the runs learned",
    "figures/compare.svhn_training.svg",
  ),
  row(
    "Label smoothing",
    "lib/losses/label_smoothing.ts",
    "generalization",
    "Label smoothing",
    RESULTS.training,
  ),
  row(
    "SGD against Adam",
    "lib/train/optimizers.ts",
    "generalization",
    "1.5 How the runs learned",
    RESULTS.training,
  ),
  row(
    "Data-semantic augmentation",
    "lib/data/augment.ts",
    "generalization",
    "1.4 Augmentation that keeps the meaning",
    "figures/compare.svhn_accuracy.svg",
  ),
  row(
    "Feature maps",
    "lib/plots/feature_map.ts",
    "generalization",
    "1.7 Where the errors are",
    "figures/svhn-baseline-s0.svhn-test.umap.svg",
  ),
  built(
    "Common corruptions",
    "lib/data/corrupt.ts",
    "generalization",
    "Weather, blur and noise",
    "tests/data/corrupt_test.ts",
  ),
  row(
    "Transfer in both directions",
    "lib/experiments/views/tables.ts",
    "transfer",
    "2.3 Both directions",
    RESULTS.crossDomain,
  ),
  row(
    "Domain divergence",
    "lib/metrics/representation/proxy_a_distance.ts",
    "transfer",
    "2.1 Risk on a domain that training never saw",
    RESULTS.crossDomain,
  ),
  row(
    "Batch norm adapted to the target",
    "lib/experiments/runs/measure/adapt_batch_norm.ts",
    "transfer",
    "2.5 A free repair",
    RESULTS.crossDomain,
  ),
  row(
    "Fine-tuning on few images",
    "lib/experiments/views/tables.ts",
    "transfer",
    "2.6 Fine-tuning on a few labelled street digits",
    "figures/compare.fine_tuning.svg",
  ),
  row(
    "Pretrained encoder against random weights",
    "lib/experiments/runs/encoder.ts",
    "transfer",
    "2.7 A pretrained encoder",
    "data/results/runs/svhn-pretrained-s0/config.json",
  ),
  built(
    "Novelty: other data sets told apart",
    "lib/metrics/out_of_distribution.ts",
    "transfer",
    "Does the network notice that it is abroad?",
    "tests/metrics/trust_golden_test.ts",
  ),
  row("FGSM", "lib/attacks/fgsm.ts", "adversarial", "One step: FGSM", RESULTS.robustness),
  row("PGD", "lib/attacks/pgd.ts", "adversarial", "Several steps: PGD", RESULTS.robustness),
  row(
    "APGD-CE and APGD-DLR",
    "lib/attacks/apgd.ts",
    "adversarial",
    "3.6 Was the attack strong enough?",
    RESULTS.robustness,
  ),
  row(
    "Square attack",
    "lib/attacks/square.ts",
    "adversarial",
    "3.6 Was the attack strong enough?",
    RESULTS.robustness,
  ),
  built(
    "AutoAttack",
    "lib/attacks/auto_attack.ts",
    "adversarial",
    "autoAttack",
    "tests/attacks/auto_attack_golden_test.ts",
  ),
  row(
    "Robustness by class",
    "lib/experiments/views/evidence_tables.ts",
    "adversarial",
    "Which classes withstand nothing?",
    RESULTS.robustness,
  ),
  row(
    "Adversarial training",
    "lib/train/adversarial.ts",
    "adversarial",
    "3.2 Training on attacked images",
    "figures/compare.robustness.svg",
  ),
  row(
    "Checks against gradient masking",
    "lib/attacks/gradient_masking_checks.ts",
    "adversarial",
    "Gradient masking",
    RESULTS.metrics,
  ),
  row(
    "PGD by number of steps",
    "lib/attacks/iteration_sweep.ts",
    "adversarial",
    "3.6 Was the attack strong enough?",
    "figures/cifar-base-s0.cifar10-test.pgd_iter_sweep.svg",
  ),
  row(
    "Calibration error",
    "lib/metrics/calibration_error.ts",
    "calibration",
    "4.1 What a confidence promises",
    RESULTS.metrics,
  ),
  row(
    "Reliability diagram",
    "lib/plots/reliability_diagram.ts",
    "calibration",
    "4.7 The two faces of label smoothing",
    "figures/compare.label_smoothing_calibration.svg",
  ),
  row(
    "Risk, coverage and selective accuracy",
    "lib/metrics/risk_coverage.ts",
    "calibration",
    "4.8 Answering less, erring less",
    "figures/compare.risk_coverage.svg",
  ),
  row(
    "Temperature scaling",
    "lib/metrics/temperature.ts",
    "calibration",
    "4.6 Temperature scaling",
    RESULTS.metrics,
  ),
  built(
    "Conformal sets",
    "lib/metrics/conformal_sets.ts",
    "calibration",
    "Sets instead of answers",
    "tests/metrics/conformal_test.ts",
  ),
  row(
    "Ensembles of seeds",
    "lib/metrics/ensemble_predictions.ts",
    "calibration",
    "Several networks, one answer",
    "data/results/runs/svhn-baseline-s0/SHA256SUMS",
  ),
  built(
    "Membership inference",
    "lib/metrics/membership_inference.ts",
    "calibration",
    "Who was in the training set?",
    "tests/metrics/trust_golden_test.ts",
  ),
  row(
    "Circle Loss",
    "lib/losses/circle_loss.ts",
    "circle",
    "5.1 From classes to pairs",
    "figures/compare.circle_robustness.svg",
  ),
  row(
    "Geometry of features",
    "lib/metrics/representation",
    "circle",
    "5.4 Geometry of the features",
    RESULTS.metrics,
  ),
  row(
    "One objective for all of it",
    "lib/metrics/unified_objective.ts",
    "circle",
    "5.7 One number for several kinds of trust",
    RESULTS.metrics,
  ),
  row(
    "Plots, each with the question that it answers",
    "lib/plots",
    "generalization",
    "answers:",
    "figures",
  ),
  row(
    "Reproducibility: hashes, seeds, checksums, one command",
    "lib/experiments/runs/identify_run.ts",
    "generalization",
    "1.3 The runs",
    "data/results/runs/svhn-baseline-s0/config.json",
  ),
];

/** What is wrong with the links of Table VI. */
export async function brokenLinks(
  root: URL,
  rows: readonly Requirement[] = requirements,
): Promise<string[]> {
  const broken: string[] = [];
  const exists = (path: string) => Deno.stat(new URL(path, root)).then(() => true, () => false);
  for (const { requirement, code, notebook, section, evidence } of rows) {
    for (const path of [code, notebook, evidence]) {
      if (!await exists(path)) broken.push(`${requirement}: there is no ${path}`);
    }
    const text = await Deno.readTextFile(new URL(notebook, root)).catch(() => "");
    if (text !== "" && !text.includes(section)) {
      broken.push(`${requirement}: ${notebook} has no section "${section}"`);
    }
  }
  return broken;
}
