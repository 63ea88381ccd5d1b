/**
 * Exemplars that came in a TimeSeries message without samples: Prometheus sends them so, beside the message with the sample
 * of the same labels. They are attached to that sample's point; OTLP has no exemplar without a point.
 */
export class LooseExemplars {
  /** Positions of TimeSeries messages, start, end, start, end ..., by the key of their labels. */
  readonly #byLabels = new Map<number, number[]>();

  get isEmpty(): boolean {
    return this.#byLabels.size === 0;
  }

  add(key: number, start: number, end: number): void {
    const known = this.#byLabels.get(key);
    if (known === undefined) this.#byLabels.set(key, [start, end]);
    else known.push(start, end);
  }

  /** Those of these labels, once. */
  take(key: number): readonly number[] {
    const found = this.#byLabels.get(key);
    if (found === undefined) return [];
    this.#byLabels.delete(key);
    return found;
  }

  /** Those that nobody took. */
  *rest(): Generator<readonly number[]> {
    yield* this.#byLabels.values();
  }
}
