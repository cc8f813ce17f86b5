/** Our side with TensorFlow's oneDNN switch on and off. */
import { compare, type Effort } from "./_compare_sides.ts";
import { layerRows } from "./_layer_rows.ts";
import { layerSecondsSchema } from "./_protocol.ts";
import type { BenchResult } from "./result.ts";
import { rowPlans } from "./_row_plans.ts";
import { type SideCommands, startSide } from "./_start_sides.ts";

const MEASURED = ["forward", "input gradient", "training step, SGD", "PGD-10"];

/** Measures our tasks in turns with the switch on and off, each in a process of its own. */
export async function measureOneDnn(
  { ours }: SideCommands,
  effort: Effort,
): Promise<NonNullable<BenchResult["oneDnn"]>> {
  const side = (value: "0" | "1") =>
    startSide({ ...ours, env: { ...ours.env, TF_ENABLE_ONEDNN_OPTS: value } });
  const on = await side("1");
  const off = await side("0").catch(async (error: unknown) => {
    await on.side.close();
    throw error;
  });
  try {
    const rows = [];
    for (const plan of rowPlans.filter(({ name }) => MEASURED.includes(name))) {
      const same = { ...plan, against: { ...plan.against, task: plan.task } };
      const { name, unit, ours, theirs, ratio } = await compare(
        { ours: on, theirs: off },
        same,
        effort,
      );
      rows.push({ name, unit, on: ours, off: theirs!, ratio: ratio! });
    }
    const request = { kind: "layers", budget: effort.secondsPerRound / 2 } as const;
    return { rows, layersOff: layerRows(await off.side.ask(request, layerSecondsSchema)) };
  } finally {
    await on.side.close();
    await off.side.close();
  }
}
