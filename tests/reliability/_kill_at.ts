/**
 * A short run that kills itself at one of its file operations: `DIRECTORY N` dies at point N, which
 * is before or after a write, flush or rename. Without N it prints how many points it passes.
 */
import { train } from "../../lib/train/train.ts";
import type { TrainOptions } from "../../lib/train/options.ts";
import { tileDataset, tinyClassifier } from "../train/tiny_classifier.ts";

/** Two epochs of a tiny model: every kind of file is written for the first time and again. */
export function shortRun(): TrainOptions {
  return { train: tileDataset(64), validation: tileDataset(40, 5), epochs: 2, batchSize: 32 };
}

if (import.meta.main) {
  const [directory, target = "Infinity"] = Deno.args;
  let points = 0;
  const point = () => {
    if (++points === Number(target)) Deno.kill(Deno.pid, "SIGKILL");
  };
  // deno-lint-ignore no-explicit-any
  const watch = (owner: any, name: string) => {
    const original = owner[name];
    owner[name] = function (...parameters: unknown[]) {
      point();
      const result = original.apply(this, parameters);
      if (!(result instanceof Promise)) {
        point();
        return result;
      }
      return result.then((value) => {
        point();
        return value;
      });
    };
  };
  for (const name of ["write", "writeSync", "sync", "syncSync"]) watch(Deno.FsFile.prototype, name);
  for (const name of ["rename", "renameSync", "remove"]) watch(Deno, name);
  await train(tinyClassifier(1), { ...shortRun(), directory, resume: true });
  console.log(points);
}
