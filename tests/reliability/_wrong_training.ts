/** Wrong values for models and their training. */
import * as lab from "../../lib/mod.ts";
import {
  type Argument,
  choice,
  count,
  fixtures,
  given,
  notNegative,
  notNumbers,
  positive,
  seed,
  share,
  type Table,
} from "./_wrong_values.ts";

/** Wrong values for models and their training. */
export function wrongForTraining(): Table {
  const { model, data } = fixtures();
  const trained = (name: string, values: readonly unknown[]): Argument => [
    name,
    values,
    (value) => {
      const [outer, inner] = name.split(".") as [string, string | undefined];
      const needed: Record<string, object> = {
        adversarial: { attack: "pgd", epsilon: 0.1 },
        circle: { weight: 1 },
        classBalanced: { classes: 2, images: 2 },
      };
      const option = inner === undefined ? value : { ...needed[outer], [inner]: value };
      return lab.train(model, { train: data, epochs: 1, [outer]: option } as never);
    },
  ];
  // All networks check the options that they share by the same code.
  const makers = {
    resnet20: lab.resnet20,
    resnet32: lab.resnet32,
    resnet34: lab.resnet34,
    resnet44: lab.resnet44,
    resnet56: lab.resnet56,
    preActResNet18: lab.preActResNet18,
  };
  const networks = Object.entries(makers).map(([name, make]): [string, Argument[]] => [name, [
    ["classes", count, (classes) => make({ classes })],
    ["imageSize", [...count, [32], [32, 0]], (imageSize) => make({ imageSize })],
    ["channels", count, (channels) => make({ channels })],
    ["mean", [[1], [1, 2, NaN], 0.5], (mean) => make({ mean })],
    ["std", [[1], [1, 0, 1], 0.5], (std) => make({ std })],
    ["seed", seed, (seed) => make({ seed })],
  ]]);
  return {
    ...Object.fromEntries(networks),
    monteCarloDropout: [
      ["model", [undefined, {}, 7], (model) => lab.monteCarloDropout(model, data)],
      ["data", [undefined, {}, 7], (data) => lab.monteCarloDropout(model as never, data)],
      ["passes", count, (passes) => lab.monteCarloDropout(model as never, data, { passes })],
      ["seed", seed, (seed) => lab.monteCarloDropout(model as never, data, { seed })],
    ],
    linearClassifier: [
      [
        "weights",
        [[[1]], [[1, 2], [1]], [[1], [NaN]], 3],
        (weights) => lab.linearClassifier(weights),
      ],
      ["bias", [[1], [1, NaN]], (bias) => lab.linearClassifier([[1], [2]], { bias })],
      [
        "inputShape",
        [[1, 1, 2], [2, 2, 2]],
        (inputShape) => lab.linearClassifier([[1], [2]], { inputShape }),
      ],
    ],
    resnet18: [
      ["classes", count, (classes) => lab.resnet18({ classes })],
      [
        "imageSize",
        [...count, [32], [32, 0], [32, 7.5], [32, "32"], [32, 32, 3]],
        (imageSize) => lab.resnet18({ imageSize }),
      ],
      ["channels", count, (channels) => lab.resnet18({ channels })],
      ["stem", choice, (stem) => lab.resnet18({ stem })],
      ["dropout", [...share, 1], (dropout) => lab.resnet18({ dropout })],
      ["batchNorm", ["yes", 1], (batchNorm) => lab.resnet18({ batchNorm })],
      ["mean", [[1], [1, 2, NaN], 0.5, [1, 2, 3, 4]], (mean) => lab.resnet18({ mean })],
      ["std", [[1], [1, 0, 1], [1, -1, 1], 0.5, [1, NaN, 1]], (std) => lab.resnet18({ std })],
      ["seed", seed, (seed) => lab.resnet18({ seed })],
    ],
    generator: [
      ["seed", seed, (value) => lab.generator(value)],
    ],
    createOptimizer: [
      ["kind", choice, (kind) => lab.createOptimizer(model.parameters, { kind })],
      [
        "momentum",
        [...share, 1],
        (momentum) => lab.createOptimizer(model.parameters, { kind: "sgd", momentum }),
      ],
      [
        "weightDecay",
        notNegative,
        (weightDecay) => lab.createOptimizer(model.parameters, { kind: "sgd", weightDecay }),
      ],
      [
        "nesterov",
        [1, "yes"],
        (nesterov) => lab.createOptimizer(model.parameters, { kind: "sgd", nesterov }),
      ],
      [
        "decayBiasAndNorm",
        [0, "no"],
        (decayBiasAndNorm) =>
          lab.createOptimizer(model.parameters, { kind: "sgd", decayBiasAndNorm }),
      ],
    ],
    train: [
      ...(["epochs", "batchSize"].map((name) => trained(name, count))),
      trained("optimizer", choice),
      trained("learningRate", positive),
      trained("momentum", [...share, 1]),
      trained("weightDecay", notNegative),
      trained("milestones", [[2], [NaN], ["x"], 0.5]),
      trained("decay", positive),
      trained("labelSmoothing", [...share, 1]),
      trained("augment", choice),
      trained("seed", seed),
      trained("freeze", [3, "(", {}]),
      trained("adversarial.attack", choice),
      trained("adversarial.epsilon", share),
      trained("adversarial.steps", count),
      trained("adversarial.stepSize", notNegative),
      trained("adversarial.probability", share),
      trained("adversarial.beta", notNegative),
      trained("adversarial.norm", choice),
      trained("adversarial.restarts", count),
      trained("schedule", choice),
      trained("warmupEpochs", [-1, 0.5, 1, "1"]),
      trained("nesterov", [1, "yes"]),
      trained("decayBiasAndNorm", [0, "no"]),
      trained("gradientClip", positive),
      trained("dropLast", [1, "yes"]),
      trained("noiseSigma", notNegative),
      trained("selectBy", choice),
      trained("stop", [3, "now", true]),
      trained("circle.weight", notNegative),
      trained("circle.margin", notNumbers),
      trained("circle.gamma", positive),
      trained("classBalanced.classes", count),
      trained("classBalanced.images", count),
    ].map(([name, values, call]): Argument => [name, given(values), call]),
  };
}
