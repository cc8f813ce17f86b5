/** Images that are stretched and bent. */
import { reflect, reflect101 } from "./_border.ts";
import { gaussianBlur } from "./_gaussian_blur.ts";
import { CHANNELS, constantOf, type Corruption, layerOf, type Pixels, SIDE } from "./corruption.ts";

/** Lengths as shares of an image's side. */
const BENDS = [
  { bend: 0, smoothness: 0, stretch: 0.08 },
  { bend: 0.05, smoothness: 0.2, stretch: 0.07 },
  { bend: 0.08, smoothness: 0.06, stretch: 0.06 },
  { bend: 0.1, smoothness: 0.04, stretch: 0.05 },
  { bend: 0.1, smoothness: 0.03, stretch: 0.03 },
] as const;

/** Where an affine map takes three corners of a square of a third of the side on either side. */
const CORNERS = [[26, 26], [26, 6], [6, 6]] as const;

/** Where a pixel of the result reads in the source. */
type Source = (row: number, column: number) => readonly [y: number, x: number];

/** Reads an image between its pixels, bilinearly. */
function resampled(
  image: Pixels,
  source: Source,
  border: (k: number, length: number) => number,
): Pixels {
  return image.map((_, at) => {
    const channel = at % CHANNELS;
    const pixel = (at - channel) / CHANNELS;
    const [y, x] = source(Math.floor(pixel / SIDE), pixel % SIDE);
    const [top, left] = [Math.floor(y), Math.floor(x)];
    const read = (row: number, column: number) =>
      image[(border(row, SIDE) * SIDE + border(column, SIDE)) * CHANNELS + channel]!;
    const above = (left + 1 - x) * read(top, left) + (x - left) * read(top, left + 1);
    const below = (left + 1 - x) * read(top + 1, left) + (x - left) * read(top + 1, left + 1);
    return (top + 1 - y) * above + (y - top) * below;
  });
}

/** The inverse of the affine map that takes CORNERS to `moved`, as [x, y] pairs. */
function inverseAffine(moved: readonly (readonly [number, number])[]): Source {
  const [[ax, ay], [bx, by], [cx, cy]] = moved as [
    [number, number],
    [number, number],
    [number, number],
  ];
  // Columns of the map: what one step along each axis of the source becomes.
  const [xx, yx] = [(bx - cx) / 20, (by - cy) / 20];
  const [xy, yy] = [(ax - bx) / 20, (ay - by) / 20];
  const determinant = xx * yy - xy * yx;
  const [fromX, fromY] = CORNERS[2];
  return (row, column) => {
    const [dx, dy] = [column - cx, row - cy];
    return [fromY + (xx * dy - yx * dx) / determinant, fromX + (yy * dx - xy * dy) / determinant];
  };
}

/** A random affine map, then a smooth random displacement of every pixel (Simard et al. 2003). */
export const elasticTransform: Corruption = (image, severity, draws) => {
  const { bend, smoothness, stretch } = constantOf(severity, BENDS);
  const symmetric = () => 2 * draws.uniform() - 1;
  const moved = CORNERS.map(([x, y]) =>
    [x + SIDE * stretch * symmetric(), y + SIDE * stretch * symmetric()] as const
  );
  const stretched = resampled(image, inverseAffine(moved), reflect101);
  const displacement = () =>
    gaussianBlur(layerOf(symmetric), SIDE * smoothness, { border: reflect, truncate: 3 })
      .map((value) => SIDE * bend * value);
  const right = displacement();
  const down = displacement();
  const source: Source = (row, column) => {
    const pixel = row * SIDE + column;
    return [row + down[pixel]!, column + right[pixel]!];
  };
  return resampled(stretched, source, reflect);
};
