import { AREA, CHANNELS, type Pixels } from "./corruption.ts";

/** The luma of every pixel, 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601). */
export function grey(image: Pixels): Float64Array {
  return Float64Array.from({ length: AREA }, (_, pixel) => {
    const at = pixel * CHANNELS;
    return 0.299 * image[at]! + 0.587 * image[at + 1]! + 0.114 * image[at + 2]!;
  });
}
