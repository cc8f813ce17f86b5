/** The method by which a value shows itself in a notebook: it returns what is shown, by MIME type. */
export const JUPYTER_DISPLAY: unique symbol = Symbol.for("Jupyter.display");
