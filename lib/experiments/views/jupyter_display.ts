/** The key under which Deno's Jupyter kernel looks for an object's own display. */
export const jupyterDisplay: unique symbol = Symbol.for("Jupyter.display");
