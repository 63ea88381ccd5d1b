import type { ResourceInfo } from "./columns.ts";
import { growColumns } from "./grow.ts";
import type { PointColumns, PointMarks } from "./point-columns.ts";
import { COUNTS, FIXED_FIELD, HAS_START, HISTOGRAM_PLACES, IS_INT } from "./point-places.ts";
import { putHistogram } from "./put-histogram.ts";

/** Of an entry itself, about. */
const OWN_BYTES = 600;

export interface RepeatedOrigin {
  readonly stream: number;
  readonly resource: ResourceInfo;
  /** It was decoded. */
  readonly before: PointMarks;
}

/** A ResourceMetrics message as it was decoded, with where its numbers stand. */
export class RepeatedMessage {
  readonly stream: number;
  readonly resource: ResourceInfo;
  readonly length: number;
  /** Memory, about. */
  readonly bytes: number;
  usedAt = 0;
  /** What came after it the last time. */
  next: RepeatedMessage | undefined;
  /** Its numbers are those of whatever was compared with it last. */
  readonly #message: Buffer;
  readonly #view: DataView;
  readonly #series: Int32Array;
  /** As PointPlaces has them, from the begin of the message. */
  readonly #places: Int32Array;
  readonly #histogramSeries: Int32Array;
  readonly #temporality: Uint8Array;
  readonly #histogramPlaces: Int32Array;

  constructor({ frame, numbers, histograms }: PointColumns, start: number, end: number, { stream, resource, before }: RepeatedOrigin) {
    const { places, wire } = frame;
    const message = new Uint8Array(wire.bytes.subarray(start, end));
    this.stream = stream;
    this.resource = resource;
    this.length = message.length;
    this.#message = Buffer.from(message.buffer);
    this.#view = new DataView(message.buffer);
    this.#series = numbers.series.slice(before.numbers, numbers.count);
    this.#places = places.numbers.slice(before.numbers, numbers.count).map((place) => place - 4 * start);
    this.#histogramSeries = histograms.series.slice(before.histograms, histograms.count);
    this.#temporality = histograms.temporality.slice(before.histograms, histograms.count);
    this.#histogramPlaces = places.histograms
      .slice(HISTOGRAM_PLACES * before.histograms, HISTOGRAM_PLACES * histograms.count)
      .map((place, i) => (i % HISTOGRAM_PLACES === COUNTS || place === 0 ? place : place - start));
    this.bytes = OWN_BYTES + message.length + 4 * (2 * this.#series.length + this.#histogramPlaces.length + 2 * this.#histogramSeries.length);
  }

  /** Reads the message of this length at `start` if it is the same but for its numbers; false, and nothing read, if not, or if one of its times is not sound. */
  read(columns: PointColumns, start: number): boolean {
    const { frame, numbers, histograms, buckets } = columns;
    const [counted, pooled] = [histograms.count, buckets.length];
    // Beyond `count` the columns are free: of the numbers nothing is to be taken back.
    const isSame =
      this.#readNumbers(columns, start) &&
      this.#readHistograms(columns, start) &&
      this.#message.compare(frame.wire.bytes, start, start + this.#message.length) === 0;
    if (isSame) numbers.count += this.#series.length;
    else {
      histograms.count = counted;
      buckets.length = pooled;
    }
    return isSame;
  }

  #readNumbers({ frame, numbers }: PointColumns, start: number): boolean {
    const { earliestMs, latestMs, wire } = frame;
    const places = this.#places;
    const from = numbers.count;
    const rows = places.length;
    if (from + rows > numbers.series.length) growColumns(numbers, from + rows);
    const { timeMs, value } = numbers;
    const { view } = wire;
    const own = this.#view;
    for (let row = 0; row < rows; row++) {
      const place = places[row]!;
      const to = place >>> 2;
      const at = start + to;
      const timeLow = view.getInt32(at, true);
      const timeHigh = view.getInt32(at + 4, true);
      const low = view.getInt32(at + FIXED_FIELD, true);
      const high = view.getInt32(at + FIXED_FIELD + 4, true);
      const time = (timeHigh >>> 0) * 4294.967296 + (timeLow >>> 0) / 1e6;
      if (!(time >= earliestMs && time <= latestMs)) return false;
      own.setInt32(to, timeLow, true);
      own.setInt32(to + 4, timeHigh, true);
      own.setInt32(to + FIXED_FIELD, low, true);
      own.setInt32(to + FIXED_FIELD + 4, high, true);
      if ((place & HAS_START) !== 0) this.#copy(view, start, to - FIXED_FIELD);
      timeMs[from + row] = time;
      value[from + row] = (place & IS_INT) !== 0 ? high * 4294967296 + (low >>> 0) : view.getFloat64(at + FIXED_FIELD, true);
    }
    numbers.series.set(this.#series, from);
    numbers.flags.fill(0, from, from + rows);
    return true;
  }

  #readHistograms({ frame, histograms, buckets }: PointColumns, start: number): boolean {
    const { earliestMs, latestMs, wire } = frame;
    const { view } = wire;
    const places = this.#histogramPlaces;
    frame.flags = 0;
    for (let row = 0, at = 0; at < places.length; row++, at += HISTOGRAM_PLACES) {
      frame.timeMs = this.#nanosAsMs(view, start, places[at + 1]!);
      if (!(frame.timeMs >= earliestMs && frame.timeMs <= latestMs)) return false;
      frame.startMs = this.#nanosAsMs(view, start, places[at]!);
      frame.temporality = this.#temporality[row]!;
      const observations = this.#count(view, start, places[at + 2]!);
      const sum = this.#double(view, start, places[at + 3]!);
      const min = this.#double(view, start, places[at + 6]!);
      const max = this.#double(view, start, places[at + 7]!);
      const from = buckets.length;
      const [countsAt, counts] = [places[at + 4]!, places[at + COUNTS]!];
      buckets.take(view, start + countsAt, counts);
      for (let i = 0; i < counts; i++) this.#copy(view, start, countsAt + 8 * i);
      putHistogram(frame, histograms, this.#histogramSeries[row]!, observations, sum, min, max, from, buckets.length);
    }
    return true;
  }

  /** 0 where it is not sent; so is a count. */
  #nanosAsMs(view: DataView, start: number, place: number): number {
    if (place === 0) return 0;
    this.#copy(view, start, place);
    return view.getUint32(start + place + 4, true) * 4294.967296 + view.getUint32(start + place, true) / 1e6;
  }

  #count(view: DataView, start: number, place: number): number {
    if (place === 0) return 0;
    this.#copy(view, start, place);
    return view.getUint32(start + place + 4, true) * 4294967296 + view.getUint32(start + place, true);
  }

  /** NaN where it is not sent. */
  #double(view: DataView, start: number, place: number): number {
    if (place === 0) return Number.NaN;
    this.#copy(view, start, place);
    return view.getFloat64(start + place, true);
  }

  /** Copies eight bytes as they are: a NaN has many forms. */
  #copy(view: DataView, start: number, place: number): void {
    this.#view.setInt32(place, view.getInt32(start + place, true), true);
    this.#view.setInt32(place + 4, view.getInt32(start + place + 4, true), true);
  }
}
