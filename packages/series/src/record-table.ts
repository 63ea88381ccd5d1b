/** Records per chunk: 1,024, so that growth copies nothing and a snapshot can copy one chunk at a time. */
export const CHUNK_SHIFT = 10;
export const CHUNK_RECORDS = 1 << CHUNK_SHIFT;

/** Two views of the same bytes: scalars as doubles, long profiles as floats. */
export interface RecordChunk {
  readonly f64: Float64Array;
  readonly f32: Float32Array;
}

/**
 * Interleaved fixed-size records in chunks of typed arrays: one or two cache lines a point instead of one per field.
 * MEASURED in notes/perf.md §6: 77 M points per cpu-second interleaved, 56 M with one array per field.
 * A slot is a dense index; freed slots are given out again, last freed first.
 */
export class RecordTable {
  readonly stride: number;
  readonly chunks: RecordChunk[] = [];
  readonly #free: number[] = [];
  #next = 0;

  /** @param stride - doubles per record, > 0 */
  constructor(stride: number) {
    this.stride = stride;
  }

  /** One more than the highest slot ever given out. */
  get slots(): number {
    return this.#next;
  }

  get used(): number {
    return this.#next - this.#free.length;
  }

  get bytes(): number {
    return this.chunks.length * CHUNK_RECORDS * this.stride * 8;
  }

  /** A slot whose record is all zeros. Amortised O(1). */
  allocate(): number {
    const reused = this.#free.pop();
    if (reused !== undefined) {
      const at = this.base(reused);
      this.chunkOf(reused).f64.fill(0, at, at + this.stride);
      return reused;
    }
    if (this.#next === this.chunks.length * CHUNK_RECORDS) {
      const bytes = new ArrayBuffer(CHUNK_RECORDS * this.stride * 8);
      this.chunks.push({ f64: new Float64Array(bytes), f32: new Float32Array(bytes) });
    }
    return this.#next++;
  }

  /** Precondition, unchecked: `slot` is in use. */
  free(slot: number): void {
    this.#free.push(slot);
  }

  /** Precondition, unchecked: `slot` was given out. */
  chunkOf(slot: number): RecordChunk {
    return this.chunks[slot >>> CHUNK_SHIFT]!;
  }

  /** Index of the first double of the record in its chunk. */
  base(slot: number): number {
    return (slot & (CHUNK_RECORDS - 1)) * this.stride;
  }
}
