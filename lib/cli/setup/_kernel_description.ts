/** Switches of TensorFlow that must stand before the process starts, each kept where the user has set it. */
const DEFAULTS = { TF_ENABLE_ONEDNN_OPTS: "1" };

/**
 * Jupyter's description of the kernel that runs the notebooks. Variables under `env` win over the
 * user's own, so switches that are the user's to choose are set by the shell that starts the kernel.
 */
export function kernelDescription(deno: string): object {
  const exports = Object.entries(DEFAULTS)
    .map(([name, value]) => `export ${name}="\${${name}:-${value}}"; `).join("");
  return {
    argv: [
      ...["/bin/sh", "-c", `${exports}exec "$0" "$@"`, deno],
      ...["jupyter", "--kernel", "--conn", "{connection_file}"],
    ],
    display_name: "Deno (trusted-AI lab)", // tells it from one in the user's home
    language: "typescript",
    env: { TF_CPP_MIN_LOG_LEVEL: "3", DENO_NO_UPDATE_CHECK: "1" },
  };
}
