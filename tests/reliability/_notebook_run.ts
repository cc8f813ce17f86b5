/** What a notebook's cells do: a run, and something after it that needs the kernel's variables. */
import { openLab } from "../../lib/mod.ts";

const lab = openLab({ profile: "quick", seeds: [0], root: Deno.args[0]! });
try {
  await lab.run(["svhn-baseline"]);
} catch (error) {
  console.log((error as Error).message);
}
console.log(`${lab.profile} is still known`);
