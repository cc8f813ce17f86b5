/**
 * Whether tfjs-node's backend runs kernels on a GPU. Everything but tf.ts asks `usesGpu` of device.ts.
 *
 * @param backend What `tf.backend()` gives.
 */
export function isGpuBackend(backend: unknown): boolean {
  // tfjs declares only the portable interface; this member exists in tfjs-node 4.22.
  return (backend as { readonly isUsingGpuDevice: boolean }).isUsingGpuDevice;
}
