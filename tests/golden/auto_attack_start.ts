/** Prints the library's random starts for auto_attack.py. */
import { uniformDraws } from "../../lib/attacks/_random_start.ts";

const images = 12;
const positions = Int32Array.from({ length: images }, (_, image) => image);
console.log(JSON.stringify([...uniformDraws([images, 8, 8, 3], { seed: 0, positions, draw: 0 }).dataSync()]));
