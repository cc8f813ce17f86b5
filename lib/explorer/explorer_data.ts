/** What the explorer's page is given when it is built: plain JSON beside the weights. */
import type { AnyNetworkOptions } from "../nn/architectures.ts";
import type { StoredTensor } from "./stored_weights.ts";

/** Accuracy of one attack over budgets, as the run measured it. */
export interface Curve {
  /** As in charts, e.g. "PGD". */
  readonly title: string;
  readonly points: readonly { readonly epsilon: number; readonly accuracy: number }[];
}

/** Stored features of test images with their places in a plane. */
export interface FeatureMap {
  /** n x 2, row-major, each in [0, 1]. */
  readonly places: readonly number[];
  readonly labels: readonly number[];
  /** Base64 of n x d steps from 0 to 255; feature k is step x scales[k]. */
  readonly features: string;
  readonly scales: readonly number[];
  /** E.g. "UMAP, 15 neighbours, seed 0". */
  readonly method: string;
  /** 99th percentile of the stored features' mean distance to their five nearest. */
  readonly farAway: number;
}

/** One network of the page. */
export interface ExplorerNetwork {
  /** E.g. "cifar-base, seed 0". */
  readonly name: string;
  /** What it learned from, e.g. "trained on CIFAR-10 train, 6,016 images, real (subset)". */
  readonly origin: string;
  /** Its network by name, e.g. "resnet18", and the options that it is made with. */
  readonly architecture: string;
  readonly options: AnyNetworkOptions;
  readonly tensors: readonly StoredTensor[];
  /** On how many test images the stored weights were compared with the run's own, and what came out. */
  readonly stored: {
    readonly n: number;
    readonly exact: number;
    readonly accuracy: number;
    /** Share of the images with the same answer. */
    readonly agreement: number;
  };
  /** Undefined for a run without a robustness sweep. */
  readonly curves?: { readonly images: number; readonly lines: readonly Curve[] };
  readonly map: FeatureMap;
}

/** Everything but weights and the WebAssembly module. */
export interface ExplorerData {
  readonly schema: 1;
  readonly classNames: readonly string[];
  readonly imageShape: readonly [height: number, width: number, channels: number];
  /** Where the test images come from, for captions. */
  readonly images: {
    readonly description: string;
    /** Places in the data set. */
    readonly positions: readonly number[];
    readonly labels: readonly number[];
    /** The one that is shown first: one that every network answers rightly, where there is one. */
    readonly first: number;
    /** Base64 of the pixels' bytes, image by image. */
    readonly bytes: string;
  };
  readonly networks: readonly ExplorerNetwork[];
}

/** The numbers of an element or file that hold bytes. */
export const WASM_ID = "lab-wasm";
export const DATA_ID = "lab-data";
/** @param k The network's place in the page. */
export const weightsId = (k: number): string => `lab-weights-${k}`;
/** Where the scripts of a folder's weights leave them. */
export const WEIGHTS_GLOBAL = "labWeights";
