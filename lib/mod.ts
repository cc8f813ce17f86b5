/**
 * The public API of the trusted-AI lab: a ResNet-18 classifier, its training, the attacks on it and
 * the metrics of how far it can be trusted.
 *
 * @module
 */
export { tf } from "./backend/tf.ts";

export { type Generator, generator } from "./random/generator.ts";
export * from "./nn/mod.ts";
export * from "./losses/mod.ts";
export * from "./attacks/mod.ts";
export * from "./data/mod.ts";
export * from "./metrics/mod.ts";
export * from "./train/mod.ts";
export * from "./plots/mod.ts";
export * from "./experiments/mod.ts";
