/** Prints the library's random starts for attacks.py, by norm. */
import { normalDraws, uniformDraws } from "../../lib/attacks/_random_start.ts";

const images = 12;
const positions = Int32Array.from({ length: images }, (_, image) => image);
const draw = { seed: 0, positions, draw: 0 };
console.log(JSON.stringify({
  linf: [...uniformDraws([images, 8, 8, 3], draw).dataSync()],
  l2: [...normalDraws([images, 8, 8, 3], draw).directions.dataSync()],
}));
