import {
  appendEpoch,
  type EpochRecord,
  type History,
  historyToCsv,
  historyToJson,
} from "../../lib/train/history.ts";
import { assertEquals } from "../../lib/assert/mod.ts";

function record(epoch: number, validationAccuracy?: number, validationLoss?: number): EpochRecord {
  return {
    epoch,
    trainLoss: 1.5,
    trainAccuracy: 0.12345,
    learningRate: 0.01,
    seconds: 2,
    imagesPerSecond: 100,
    ...(validationAccuracy === undefined ? {} : { validationAccuracy }),
    ...(validationLoss === undefined ? {} : { validationLoss }),
  };
}

function historyOf(...records: EpochRecord[]): History {
  return records.reduce(
    (history, one) => appendEpoch(history, one),
    { epochs: [], bestEpoch: 0 } as History,
  );
}

Deno.test("the best epoch has the highest validation accuracy", () => {
  assertEquals(historyOf(record(1, 0.5, 1), record(2, 0.7, 9), record(3, 0.6, 1)).bestEpoch, 2);
});

Deno.test("ties in accuracy go to the lower validation loss, ties in both to the earlier epoch", () => {
  assertEquals(
    historyOf(record(1, 0.5, 1), record(2, 0.5, 0.9), record(3, 0.5, 0.95)).bestEpoch,
    2,
  );
  assertEquals(historyOf(record(1, 0.5, 1), record(2, 0.5, 1)).bestEpoch, 1);
});

Deno.test("an accuracy of zero is still better than none", () => {
  assertEquals(historyOf(record(1, 0, 3), record(2, 0, 4)).bestEpoch, 1);
});

Deno.test("without validation the last epoch is the best", () => {
  assertEquals(historyOf(record(1), record(2), record(3)).bestEpoch, 3);
});

Deno.test("warnings are kept over later epochs, and absent where there are none", () => {
  const warned = appendEpoch(historyOf(record(1)), record(2), ["careful"]);
  assertEquals(appendEpoch(warned, record(3)).warnings, ["careful"]);
  assertEquals("warnings" in historyOf(record(1)), false);
});

Deno.test("the JSON has a schema number and full precision", () => {
  const history = historyOf(record(1, 1 / 3, 2 / 3));
  assertEquals(JSON.parse(historyToJson(history)), { schema: 1, ...history });
});

Deno.test("the CSV has percentages with two decimals and empty cells for what was not measured", () => {
  const [header, first, second, end] = historyToCsv(historyOf(record(1, 0.5, 1.25), record(2)))
    .split("\n");
  assertEquals(
    header,
    "epoch,train_loss,train_accuracy_percent,validation_loss,validation_accuracy_percent," +
      "robust_accuracy_percent,learning_rate,seconds,images_per_second",
  );
  assertEquals(first, "1,1.5,12.35,1.25,50.00,,0.01,2.000,100.0");
  assertEquals(second, "2,1.5,12.35,,,,0.01,2.000,100.0");
  assertEquals(end, "");
});
