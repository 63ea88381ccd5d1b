/** MetricType of both versions' metadata: the numbers are the same. */
export const METRIC_TYPE = { unknown: 0, counter: 1, gauge: 2, histogram: 3, gaugeHistogram: 4, summary: 5, info: 6, stateset: 7 } as const;

/** What is known of a metric besides its samples; empty bytes = not known. */
export interface MetricMetadata {
  /** One of METRIC_TYPE. */
  readonly type: number;
  /** In the words of Prometheus, e.g. "seconds". */
  readonly unit: Uint8Array;
  readonly help: Uint8Array;
}

const EMPTY = new Uint8Array(0);
export const NO_METADATA: MetricMetadata = { type: METRIC_TYPE.unknown, unit: EMPTY, help: EMPTY };

const suffix = (text: string): Uint8Array => new TextEncoder().encode(text);
const TOTAL = suffix("_total");
const BUCKET = suffix("_bucket");
const COUNT = suffix("_count");
const SUM = suffix("_sum");

function endsWith(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): boolean {
  const from = end - wanted.length;
  if (from < start) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[from + i] !== wanted[i]) return false;
  return true;
}

/**
 * Whether the float series of the name `bytes[start..end)` only ever rises: a counter by its metadata or, where none is known,
 * by its name. The parts of a classic histogram or summary are series of their own; their buckets, counts and sums rise.
 * @param hasLe - whether the series has a label `le`
 */
export function isCounter(type: number, bytes: Uint8Array, start: number, end: number, hasLe: boolean): boolean {
  switch (type) {
    case METRIC_TYPE.counter:
      return true;
    case METRIC_TYPE.histogram:
      return endsWith(bytes, start, end, BUCKET) || endsWith(bytes, start, end, COUNT) || endsWith(bytes, start, end, SUM);
    case METRIC_TYPE.summary:
      return endsWith(bytes, start, end, COUNT) || endsWith(bytes, start, end, SUM);
    case METRIC_TYPE.unknown:
      return endsWith(bytes, start, end, TOTAL) || (hasLe && endsWith(bytes, start, end, BUCKET));
    default:
      return false;
  }
}

const UCUM: ReadonlyMap<string, Uint8Array> = new Map(
  Object.entries({
    seconds: "s",
    milliseconds: "ms",
    microseconds: "us",
    nanoseconds: "ns",
    minutes: "min",
    hours: "h",
    days: "d",
    bytes: "By",
    bits: "bit",
    ratio: "1",
    percent: "%",
    celsius: "Cel",
    volts: "V",
    amperes: "A",
    watts: "W",
    joules: "J",
    hertz: "Hz",
    meters: "m",
    grams: "g",
  }).map(([word, ucum]) => [word, suffix(ucum)]),
);

/** A unit of Prometheus in UCUM, as OTLP has it; one that is not known stays as it is. */
export function ucumOf(unit: Uint8Array): Uint8Array {
  if (unit.length === 0 || unit.length > 16) return unit;
  return UCUM.get(Buffer.from(unit).toString("latin1")) ?? unit;
}
