/** Every number, choice and shape that a public function takes is checked, and the error tells all. */
import { assert, assertEquals } from "../../lib/assert/mod.ts";
import { inventRun, withFolder } from "../experiments/synthetic_run.ts";
import { publicFunctions } from "./_public_functions.ts";
import { wrongForAttacks } from "./_wrong_attacks.ts";
import { wrongForData } from "./_wrong_data.ts";
import { wrongForExperiments } from "./_wrong_experiments.ts";
import { wrongForTraining } from "./_wrong_training.ts";

/**
 * Functions that take predictions, runs, texts or a chart's data and no more; wrong ones of these are
 * tried in arguments_test.ts, the metrics' nan_test.ts and the plots' inputs_test.ts.
 */
const DATA_ALONE = new Set([
  ...["accuracy", "balancedAccuracy", "brierScore", "classRiskDecomposition", "cohenKappa"],
  ...["confusionMatrix", "fitTemperature"],
  ...["negativeLogLikelihood", "perClassAccuracy", "riskCoverage"],
  ...["checksTable", "confidenceCoverage", "confusionHeatmap", "createChart", "exampleGrid"],
  ...["featureMap", "iterationCurve", "learningCurve", "minimumEpsilonDistribution"],
  ...["perClassBars", "robustnessCurve", "trainingCurves"],
  ...["attackedMapChart", "curvesChart", "gridChart", "iterationChart", "learningCurveChart"],
  ...["minimumEpsilonChart", "calibrationTable", "crossDomainTable", "domainTable"],
  ...["fineTuningTable", "maskingTable", "objectiveTable", "pretrainedTable"],
  ...["representationTable", "robustnessTable", "shiftTable", "temperatureTable", "trainingTable"],
  ...["dataProvider", "loadCheckpoint", "saveCheckpoint", "loadRecord", "loadRecords"],
  ...["metricsSummaryJson", "publishRecord", "publishedRun", "publishedRuns", "thisRun"],
  ...[
    "classRobustnessTable",
    "corruptionTable",
    "ensembleTable",
    "membershipTable",
    "noveltyTable",
  ],
  "differenceStatement",
  "writeSummaries",
]);

function show(value: unknown): string {
  if (typeof value === "number") return String(value);
  const { dtype, shape } = Object(value) as { dtype?: string; shape?: number[] };
  return dtype === undefined ? JSON.stringify(value) : `${dtype} [${shape}]`;
}

/** What is wrong with how a wrong value was received; undefined if nothing is. */
async function fault(
  name: string,
  value: unknown,
  call: () => unknown,
): Promise<string | undefined> {
  try {
    await call();
    return "no error";
  } catch (error) {
    const { name: type, message } = error as Error;
    const last = name.split(".").at(-1)!;
    const told = `${type}: ${message}`;
    if (type !== "RangeError" && type !== "TypeError") return told;
    if (!message.startsWith("Expected ")) return told;
    if (!new RegExp(`\\b${last}\\b`).test(message)) return `does not name ${last}: ${told}`;
    // Of objects the part that is wrong is told.
    const found = typeof value === "object" || message.includes(String(value)) ||
      message.includes(typeof value);
    return found ? undefined : `does not tell the value: ${told}`;
  }
}

Deno.test("every number, choice and shape that is wrong is told with its name and value", () =>
  withFolder(async (folder) => {
    const table = {
      ...wrongForTraining(),
      ...wrongForAttacks(),
      ...wrongForData(),
      ...wrongForExperiments(await inventRun(folder)),
    };
    const faults: string[] = [];
    let [tried, named] = [0, 0];
    for (const [name, args] of Object.entries(table)) {
      for (const [argument, values, call] of args) {
        named++;
        for (const value of values) {
          tried++;
          const found = await fault(argument, value, () => call(value as never));
          if (found !== undefined) faults.push(`${name}(${argument} = ${show(value)}): ${found}`);
        }
      }
    }
    console.log(
      `${tried} wrong values of ${named} arguments of ${
        Object.keys(table).length
      } public functions`,
    );
    assertEquals(faults, []);
    assert(tried >= 1000, `only ${tried} wrong values were tried`);
    const missing = publicFunctions().map(([name]) => name).filter((name) =>
      !(name in table) && !DATA_ALONE.has(name)
    );
    assertEquals(missing, [], "public functions without wrong values: add them to the table");
  }));
