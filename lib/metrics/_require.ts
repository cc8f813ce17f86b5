/** Checks of arrays at the boundary of the metrics. */

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
