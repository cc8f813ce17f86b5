/** The decoder, in a module of its own: most uses of the library load none. */
// @ts-types="./_sharp.d.ts"
import sharp from "sharp";

export { sharp };
