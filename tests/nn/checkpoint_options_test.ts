/** How the model of a checkpoint is made: metadata, then tensors, then the caller, else said aloud. */
import {
  checkpointOptions,
  normalisationText,
  type ToldOptions,
} from "../../lib/nn/checkpoint_options.ts";
import { decodeSafetensors, encodeSafetensors } from "../../lib/nn/safetensors.ts";
import { FileError } from "../../lib/files/file_error.ts";
import { assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import golden from "../golden/foreign_files.json" with { type: "json" };

const resnet: Readonly<Record<string, number[]>> = golden.networks.resnet18;
const path = "ckpt.safetensors";

/** Content with torchvision's shapes and no values worth a look. */
function contentOf(
  { conv1 = [64, 3, 7, 7], classes = 1000, prefix = "", model }: {
    conv1?: number[];
    classes?: number;
    prefix?: string;
    model?: object;
  } = {},
) {
  const shapes = new Map([
    ["conv1.weight", conv1],
    ["bn1.weight", [64]],
    ["fc.weight", [classes, 512]],
    ["fc.bias", [classes]],
  ]);
  const tensors = [...shapes].map(([name, shape]) => {
    const size = shape.reduce((product, one) => product * one, 1);
    return [prefix + name, { shape, values: new Float32Array(size) }] as const;
  });
  // Biases, which have no shape that tells anything, stand for the blocks.
  for (const name of Object.keys(resnet)) {
    const bias = name.replace(/weight$/, "bias");
    if (!shapes.has(bias)) {
      tensors.push([prefix + bias, { shape: [0], values: new Float32Array() }]);
    }
  }
  const metadata = model === undefined ? {} : { "lab.model": JSON.stringify(model) };
  return decodeSafetensors(encodeSafetensors(new Map(tensors), () => metadata));
}

Deno.test("stem and classes come from the tensors, also behind a prefix", () => {
  const { options, revealed } = checkpointOptions(
    path,
    contentOf({ conv1: [64, 3, 3, 3], classes: 100, prefix: "module." }),
  );
  assertEquals([options.stem, options.classes, options.batchNorm], ["cifar", 100, true]);
  assertEquals(revealed, "stem cifar and 100 classes");
});

Deno.test("without metadata and without a word, ImageNet's normalisation is assumed and said", () => {
  const { options, normalisation } = checkpointOptions(path, contentOf());
  assertEquals([options.mean, options.std], [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]]);
  assertEquals(normalisation.from, "assumed");
  assertEquals(
    normalisationText(normalisation),
    "normalised with mean 0.485, 0.456, 0.406 and std 0.229, 0.224, 0.225 (assumed: ImageNet's, " +
      "since neither the file nor --mean and --std say)",
  );
});

Deno.test("the caller's word fills what the file leaves open; one number holds for all channels", () => {
  const told = { mean: [0.5], std: [0.25], imageSize: 64 };
  const { options, normalisation } = checkpointOptions(path, contentOf(), told);
  assertEquals([options.mean, options.std, options.imageSize], [
    [0.5, 0.5, 0.5],
    [0.25, 0.25, 0.25],
    64,
  ]);
  assertEquals(normalisation.from, "caller");
  assertThrows(() => checkpointOptions(path, contentOf(), { mean: [0.5] }), TypeError, "both");
});

Deno.test("weights of one channel make a model of one channel, whose normalisation must be told", () => {
  const grey = contentOf({ conv1: [64, 1, 7, 7] });
  const mnist = { mean: [0.1307, 0.1307, 0.1307], std: [0.3081, 0.3081, 0.3081] };
  const { options } = checkpointOptions(path, grey, { ...mnist, imageSize: [28, 28] });
  assertEquals([options.channels, options.mean, options.std], [1, [0.1307], [0.3081]]);
  assertEquals(options.imageSize, [28, 28]);
  assertThrows(() => checkpointOptions(path, grey), TypeError, "weights of 1 channels");
});

Deno.test("the metadata's word holds", () => {
  const model = { stem: "imagenet", mean: [0.1, 0.2, 0.3], std: [1, 2, 3], dropout: 0.5 };
  const { options, normalisation, revealed } = checkpointOptions(path, contentOf({ model }));
  assertEquals([options.mean, options.dropout, normalisation.from], [
    model.mean,
    0.5,
    "checkpoint",
  ]);
  assertEquals(revealed, "");
});

Deno.test("a caller who contradicts metadata or tensors is refused by name", () => {
  const model = { mean: [0.1, 0.2, 0.3], std: [1, 1, 1] };
  const wrong: [object, ToldOptions, string][] = [
    [
      { model },
      { mean: [0.5], std: [1] },
      "mean is [0.1,0.2,0.3] by its metadata, not [0.5,0.5,0.5]",
    ],
    [{}, { stem: "cifar" }, 'stem is "imagenet" by its tensors, not "cifar"'],
    [{}, { classes: 10 }, "classes is 1000 by its tensors, not 10"],
  ];
  for (const [content, told, part] of wrong) {
    assertThrows(() => checkpointOptions(path, contentOf(content), told), FileError, part);
  }
});

Deno.test("what is not a ResNet-18 is named", () => {
  const file = (shapes: Readonly<Record<string, number[]>>) => {
    const empty = { shape: [0], values: new Float32Array() };
    const tensors = new Map(Object.keys(shapes).map((name) => [name, empty]));
    return decodeSafetensors(encodeSafetensors(tensors, () => ({})));
  };
  const named = (shapes: Readonly<Record<string, number[]>>, part: string) =>
    assertThrows(() => checkpointOptions(path, file(shapes)), FileError, part);
  named(golden.networks.resnet34, "it belongs to a ResNet-34 (basic blocks 3, 4, 6, 3)");
  named(golden.networks.resnet50, "it belongs to a ResNet-50 (bottleneck blocks 3, 4, 6, 3)");
  named({ "encoder.weight": [1], "decoder.weight": [1] }, "none of a ResNet-18's weights but");
  assertThrows(
    () => checkpointOptions(path, contentOf({ conv1: [64, 3, 5, 5] })),
    FileError,
    "7 x 7 or 3 x 3 but found 5 x 5",
  );
});
