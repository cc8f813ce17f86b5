/** Which members of the wheels are unpacked, and where to: `[pattern, target]`, see `unpack.py`. */
type Members = readonly (readonly [pattern: string, target: string])[];

/** TensorFlow's C library and the headers that tfjs-node's binding is compiled with. */
export const TENSORFLOW_MEMBERS: Members = [
  [
    String.raw`tensorflow/(libtensorflow_(?:cc|framework)\.(?:so\.2|2\.dylib))`,
    String.raw`deps/lib/\1`,
  ],
  [
    String.raw`tensorflow/include/((?:tensorflow/c|tensorflow/core/platform|tsl|xla/tsl)/.*\.h)`,
    String.raw`deps/include/\1`,
  ],
];

/**
 * One of NVIDIA's libraries. TensorFlow's looks for it in `../nvidia` seen from its own folder, so
 * no search path need be set.
 */
export const CUDA_LIBRARY_MEMBERS: Members = [
  [String.raw`(nvidia/[^/]+/lib/[^/]+\.so(?:\.[^/]+)?)`, String.raw`deps/\1`],
];

/** Of NVIDIA's compiler, the assembler and the library that TensorFlow makes kernels with. */
export const CUDA_COMPILER_MEMBERS: Members = [
  [String.raw`(nvidia/cuda_nvcc/bin/ptxas)`, String.raw`deps/\1`],
  [String.raw`(nvidia/cuda_nvcc/nvvm/libdevice/[^/]+)`, String.raw`deps/\1`],
];
