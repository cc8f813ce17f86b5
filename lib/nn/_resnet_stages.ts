/** The four stages of ResNets of width 64 to 512: He et al. 2016, table 1. */
export const STAGES = [
  { name: "layer1", width: 64, stride: 1 },
  { name: "layer2", width: 128, stride: 2 },
  { name: "layer3", width: 256, stride: 2 },
  { name: "layer4", width: 512, stride: 2 },
] as const;

/** Width of the last stage, and so of the features. */
export const FEATURES = 512;
