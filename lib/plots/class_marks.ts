/** How a class looks in charts: for drawings that are made elsewhere. */
export { classStyle } from "./_palette.ts";
export { symbolPath } from "./_symbols.ts";
