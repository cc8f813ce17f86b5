/** Checks of chart inputs; each error names the argument. */

/** Requires at least one element. */
export function requireSome(name: string, length: number): void {
  if (length === 0) throw new RangeError(`Expected ${name} not to be empty`);
}

/** Requires names that can be read: none of them empty or blank, each on one line. */
export function requireNames(name: string, names: readonly string[]): void {
  names.forEach((one, index) => {
    if (typeof one !== "string") {
      throw new TypeError(`Expected ${name}[${index}] to be text but found ${typeof one}`);
    }
    if (one.trim() === "") {
      throw new RangeError(
        `Expected ${name}[${index}] to be a name but found "${one}": name it, e.g. "${index}"`,
      );
    }
    if (/[\t\n\r\u2028\u2029]/.test(one)) {
      throw new RangeError(
        `Expected ${name}[${index}] to be one line without tabs but found ${JSON.stringify(one)}`,
      );
    }
  });
}

/** Requires two lengths to agree. */
export function requireLength(name: string, found: number, expected: number): void {
  if (found !== expected) {
    throw new RangeError(`Expected ${name} to have length ${expected} but found ${found}`);
  }
}

/** Requires every element to be a finite number. */
export function requireFinite(name: string, values: ArrayLike<number>): void {
  for (let index = 0; index < values.length; index++) {
    if (!Number.isFinite(values[index])) {
      throw new RangeError(
        `Expected ${name} to hold finite numbers but found ${values[index]} at index ${index}`,
      );
    }
  }
}

/** Requires one value at each place of an axis: two could only be drawn as a vertical line. */
export function requireDistinct(name: string, places: readonly (number | string)[]): void {
  const seen = new Set<number | string>();
  for (const place of places) {
    if (seen.has(place)) {
      throw new RangeError(
        `Expected ${name} to be different but found two of ${place}: leave one out, or take their mean`,
      );
    }
    seen.add(place);
  }
}

/** Requires a fraction in [0, 1] (an accuracy is 0.8, never 80). */
export function requireFraction(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) {
    throw new RangeError(`Expected ${name} to be a fraction in [0, 1] but found ${value}`);
  }
}

/** Requires class indices in [0, classes). */
export function requireLabels(name: string, labels: ArrayLike<number>, classes: number): void {
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new RangeError(
        `Expected ${name} to hold class indices in [0, ${classes}) but found ${label} at index ${index}`,
      );
    }
  }
}
