import { shiftDigit } from "../_augment_policies.ts";
import type { DatasetDefinition } from "../definition.ts";
import { kmnistLike } from "../procedural/kmnist_like.ts";
import { idxDataset, type PublishedFile } from "./_mnist_format.ts";

/** The files below KMNIST/, with MD5 checksums as in torchvision. */
const OFFICIAL: readonly PublishedFile[] = [
  ["train-images-idx3-ubyte.gz", 18165135, "bdb82020997e1d708af4cf47b453dcf7"],
  ["train-labels-idx1-ubyte.gz", 29497, "e144d726b3acfaa3e44228e80efcd344"],
  ["t10k-images-idx3-ubyte.gz", 3041136, "5c965bf0a639b31b8f53240b1b52f4d7"],
  ["t10k-labels-idx1-ubyte.gz", 5120, "7320c461ea6c1c855c0b718fb2a4b134"],
];

/** KMNIST: handwritten hiragana of old Japanese books (Clanuwat et al. 2018). */
export const kmnist: DatasetDefinition = {
  title: "KMNIST",
  classNames: ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"],
  ...idxDataset("KMNIST", OFFICIAL, [
    "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
  ]),
  standIn: { stream: 4, paint: kmnistLike },
  // A mirrored or turned character is none, as with digits.
  augment: shiftDigit,
  normalisation: { mean: [0.1918, 0.1918, 0.1918], std: [0.3483, 0.3483, 0.3483] },
  epochs: 6,
};
