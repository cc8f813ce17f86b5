/** Per image: the shortest success so far, and whether its cost has stopped falling. */
export class ShortestSuccess {
  readonly #distances: Float64Array;
  readonly #costs: Float64Array;
  readonly #stopped: boolean[];

  constructor(readonly labels: Int32Array) {
    this.#distances = new Float64Array(labels.length).fill(Infinity);
    this.#costs = new Float64Array(labels.length).fill(Infinity);
    this.#stopped = Array.from(labels, () => false);
  }

  get over(): boolean {
    return !this.#stopped.includes(false);
  }

  /** Which images are fooled nearer to x than before. */
  improved(predicted: Int32Array, squares: ArrayLike<number>): boolean[] {
    return this.#stopped.map((stopped, image) => {
      const fooled = predicted[image] !== this.labels[image];
      const better = !stopped && fooled && squares[image]! < this.#distances[image]!;
      if (better) this.#distances[image] = squares[image]!;
      return better;
    });
  }

  /** Ends the search of images whose cost has risen since the review before. */
  review(costOf: (image: number) => number): void {
    for (const image of this.#stopped.keys()) {
      const cost = costOf(image);
      if (cost > this.#costs[image]!) this.#stopped[image] = true;
      this.#costs[image] = cost;
    }
  }
}
