import { tf } from "../../lib/backend/tf.ts";

/** Runs work while the backend says that its device is a GPU; kernels go on running on the CPU. */
export function withPretendedGpu<T>(work: () => T): T {
  const backend = tf.backend() as unknown as { isUsingGpuDevice: boolean };
  const { isUsingGpuDevice } = backend;
  backend.isUsingGpuDevice = true;
  try {
    return work();
  } finally {
    backend.isUsingGpuDevice = isUsingGpuDevice;
  }
}
