/** Checks of arrays at the boundary of the metrics. */
import { requireInteger, requireList } from "../arguments/require.ts";

/** Requires whole labels in [0, classes); `name` is the argument's name in the error. */
export function requireLabels(name: string, labels: ArrayLike<number>, classes: number): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (!(Number.isInteger(label) && label >= 0 && label < classes)) {
      throw new RangeError(
        `Expected ${name}[${i}] to be an integer in [0, ${classes - 1}] but found ${label}`,
      );
    }
  }
}

/** Requires finite numbers; `columns` is the row length with which the error locates one. */
export function requireFinite(name: string, values: ArrayLike<number>, columns: number): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]!)) {
      throw new RangeError(
        `Expected ${name} to be finite but found ${values[i]} in row ${Math.floor(i / columns)}, ` +
          `column ${i % columns}`,
      );
    }
  }
}

/** Requires N labels in [0, classes), N >= 1, and N x classes finite values; `name` is the values'. */
export function requireRows(
  name: string,
  values: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): void {
  requireInteger("classes", classes, { min: 2 });
  requireList("labels", labels);
  requireInteger("labels.length", labels.length, { min: 1 });
  if (values.length !== labels.length * classes) {
    throw new RangeError(
      `Expected ${name} to hold labels.length x classes = ${labels.length} x ${classes} = ` +
        `${labels.length * classes} numbers but found ${values.length}`,
    );
  }
  requireFinite(name, values, classes);
  requireLabels("labels", labels, classes);
}
