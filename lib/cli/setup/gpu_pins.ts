/**
 * What `setup --gpu` downloads: TensorFlow's CUDA build and NVIDIA's libraries in the versions that
 * `tensorflow[and-cuda]` names, for Linux on x86-64. Of those, NCCL is left out: it joins several
 * GPUs, and TensorFlow's library has its own copy inside.
 */
import type { PinnedWheel } from "./pins.ts";

const LINUX = { pythonVersion: "3.11", tags: ["manylinux2014_x86_64"] } as const;

/** TensorFlow built with CUDA. Large, because it holds compiled kernels for each kind of GPU. */
export const CUDA_TENSORFLOW: PinnedWheel = {
  ...LINUX,
  name: "tensorflow",
  version: "2.18.1",
  tags: ["manylinux_2_17_x86_64", "manylinux2014_x86_64"],
  sha256: "c9f87e5d2a680a4595f5dc30daf6bbaec9d4129b46d7ef1b2af63c46ac7d2828",
  megabytes: 616,
};

/** NVIDIA's libraries. */
export const CUDA_LIBRARIES: readonly PinnedWheel[] = [
  {
    ...LINUX,
    name: "nvidia-cublas-cu12",
    version: "12.5.3.2",
    sha256: "ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b",
    megabytes: 363,
  },
  {
    ...LINUX,
    name: "nvidia-cuda-cupti-cu12",
    version: "12.5.82",
    sha256: "bde77a5feb66752ec61db2adfe47f56b941842825b4c7e2068aff27c9d107953",
    megabytes: 14,
  },
  {
    ...LINUX,
    name: "nvidia-cuda-nvcc-cu12",
    version: "12.5.82",
    sha256: "b03e545b8e8c3ce7ebcd7fc44063180ff52ff01d064ece2127ed90a04ef12cd0",
    megabytes: 22,
  },
  {
    ...LINUX,
    name: "nvidia-cuda-nvrtc-cu12",
    version: "12.5.82",
    sha256: "3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd",
    megabytes: 25,
  },
  {
    ...LINUX,
    name: "nvidia-cuda-runtime-cu12",
    version: "12.5.82",
    sha256: "3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115",
    megabytes: 1,
  },
  {
    ...LINUX,
    name: "nvidia-cudnn-cu12",
    version: "9.3.0.75",
    sha256: "9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d",
    megabytes: 577,
  },
  {
    ...LINUX,
    name: "nvidia-cufft-cu12",
    version: "11.2.3.61",
    sha256: "9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8",
    megabytes: 193,
  },
  {
    ...LINUX,
    name: "nvidia-curand-cu12",
    version: "10.3.6.82",
    sha256: "2823fb27de4e44dbb22394a6adf53aa6e1b013aca0f8c22867d1cfae58405536",
    megabytes: 56,
  },
  {
    ...LINUX,
    name: "nvidia-cusolver-cu12",
    version: "11.6.3.83",
    sha256: "93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b",
    megabytes: 130,
  },
  {
    ...LINUX,
    name: "nvidia-cusparse-cu12",
    version: "12.5.1.3",
    sha256: "016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752",
    megabytes: 218,
  },
  {
    ...LINUX,
    name: "nvidia-nvjitlink-cu12",
    version: "12.5.82",
    sha256: "f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212",
    megabytes: 21,
  },
];

/** What an installation with GPU support depends on. */
export const gpuFingerprint: readonly string[] = [CUDA_TENSORFLOW, ...CUDA_LIBRARIES]
  .map(({ sha256 }) => sha256);
