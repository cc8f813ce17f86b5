/** Models: residual networks, what a classifier must offer, and checkpoints. */
export type { Classifier, ForwardOptions, ForwardResult } from "./classifier.ts";
export { NotFiniteError } from "./not_finite_error.ts";
export { linearClassifier, type LinearClassifierOptions } from "./linear_classifier.ts";
export type { KnownNormalisation } from "./checkpoint_options.ts";
export type { StoredTensor } from "./safetensors.ts";
export type { Network, NetworkOptions } from "./network_options.ts";
export type { ResNetOptions } from "./_torchvision_resnet.ts";
export { type ResNet18, resnet18, type ResNet18Options, type Stem } from "./resnet18.ts";
export { resnet34 } from "./resnet34.ts";
export { resnet20, resnet32, resnet44, resnet56 } from "./cifar_resnet.ts";
export { preActResNet18, type PreActResNet18Options } from "./pre_act_resnet18.ts";
export {
  loadCheckpoint,
  type LoadOptions as LoadCheckpointOptions,
  type LoadResult as LoadCheckpointResult,
  saveCheckpoint,
} from "./checkpoint.ts";
export { fromLayersModel, type FromLayersModelOptions } from "./from_layers_model.ts";
export { fromOnnx, type FromOnnxOptions } from "./from_onnx.ts";
