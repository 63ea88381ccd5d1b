/** Where the numbers of points stand in the request, one entry a row of the columns; only of rows that were read as encoders write them. */
export class PointPlaces {
  /** Of a number point: where its time stands, times 4, plus HAS_START and IS_INT. Its value stands 9 bytes behind, its start 9 before. */
  numbers = new Int32Array(1024);
  /** Of a histogram: HISTOGRAM_PLACES positions, 0 = not sent. */
  histograms = new Int32Array(1024);
  /** Rows that have places, since `clear`. */
  numberRows = 0;
  histogramRows = 0;

  clear(): void {
    this.numberRows = 0;
    this.histogramRows = 0;
  }

  /** Makes room for so many rows of number points. */
  room(rows: number): void {
    if (rows > this.numbers.length) this.numbers = wider(this.numbers, rows);
  }

  /** @param row - that the point has in the columns */
  histogram(
    row: number,
    startAt: number,
    timeAt: number,
    countAt: number,
    sumAt: number,
    countsAt: number,
    counts: number,
    minAt: number,
    maxAt: number,
  ): void {
    const at = HISTOGRAM_PLACES * row;
    if (at + HISTOGRAM_PLACES > this.histograms.length) this.histograms = wider(this.histograms, at + HISTOGRAM_PLACES);
    const places = this.histograms;
    places[at] = startAt;
    places[at + 1] = timeAt;
    places[at + 2] = countAt;
    places[at + 3] = sumAt;
    places[at + 4] = countsAt;
    places[at + 5] = counts;
    places[at + 6] = minAt;
    places[at + 7] = maxAt;
    this.histogramRows++;
  }
}

export const HAS_START = 1;
export const IS_INT = 2;
/** start, time, count, sum, bucket counts, how many these are, min, max. */
export const HISTOGRAM_PLACES = 8;
/** Which of them is not a position. */
export const COUNTS = 5;
/** A tag and eight bytes. */
export const FIXED_FIELD = 9;

function wider(old: Int32Array<ArrayBuffer>, least: number): Int32Array<ArrayBuffer> {
  const wide = new Int32Array(Math.max(least, 2 * old.length));
  wide.set(old);
  return wide;
}
