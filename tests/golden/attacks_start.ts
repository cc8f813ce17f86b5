/** Prints the library's random start for attacks.py. */
import { uniformDraws } from "../../lib/attacks/_random_start.ts";

const images = 12;
const positions = Int32Array.from({ length: images }, (_, image) => image);
const draws = uniformDraws([images, 8, 8, 3], { seed: 0, positions, draw: 0 });
console.log(JSON.stringify([...draws.dataSync()]));
