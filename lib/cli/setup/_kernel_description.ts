/** Jupyter's description of the kernel that runs the notebooks. */
export function kernelDescription(deno: string): object {
  return {
    argv: [deno, "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno (trusted-AI lab)", // tells it from one in the user's home
    language: "typescript",
    env: { TF_CPP_MIN_LOG_LEVEL: "3", DENO_NO_UPDATE_CHECK: "1" },
  };
}
