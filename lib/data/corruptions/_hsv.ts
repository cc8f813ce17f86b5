import { CHANNELS, type Pixels } from "./corruption.ts";

/** Hue, saturation and value of a colour (Smith 1978), each in [0, 1]; the hue in [0, 1). */
export interface Hsv {
  readonly hue: number;
  readonly saturation: number;
  readonly value: number;
}

function toHsv(red: number, green: number, blue: number): Hsv {
  const value = Math.max(red, green, blue);
  const range = value - Math.min(red, green, blue);
  if (range === 0) return { hue: 0, saturation: 0, value };
  let sextant = 4 + (red - green) / range;
  if (value === red) sextant = (green - blue) / range;
  else if (value === green) sextant = 2 + (blue - red) / range;
  return { hue: ((sextant + 6) % 6) / 6, saturation: range / value, value };
}

function fromHsv({ hue, saturation, value }: Hsv): readonly [number, number, number] {
  const sextant = Math.floor(hue * 6);
  const fraction = hue * 6 - sextant;
  const least = value * (1 - saturation);
  const falling = value * (1 - fraction * saturation);
  const rising = value * (1 - (1 - fraction) * saturation);
  switch (sextant % 6) {
    case 0:
      return [value, rising, least];
    case 1:
      return [falling, value, least];
    case 2:
      return [least, value, rising];
    case 3:
      return [least, falling, value];
    case 4:
      return [rising, least, value];
    default:
      return [value, least, falling];
  }
}

/** An image whose colours are changed in HSV. */
export function changedHsv(image: Pixels, change: (colour: Hsv) => Hsv): Pixels {
  const changed = new Float64Array(image.length);
  for (let at = 0; at < image.length; at += CHANNELS) {
    const colour = toHsv(image[at]!, image[at + 1]!, image[at + 2]!);
    changed.set(fromHsv(change(colour)), at);
  }
  return changed;
}
