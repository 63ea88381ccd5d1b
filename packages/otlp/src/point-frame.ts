import { readKeyValue } from "./attributes.ts";
import type { Exemplar } from "./columns.ts";
import { PointPlaces } from "./point-places.ts";
import { type MetricHeader, type SeriesGuard, SeriesTable } from "./series-table.ts";
import { MAX_AGE_MS, MAX_AHEAD_MS, timeProblem } from "./time-rule.ts";
import { Wire } from "./wire.ts";

/*
 * Exemplar { 2 time, 3 double, 4 span_id, 5 trace_id, 6 int sfixed64, 7 filtered_attributes }
 */

/** The data point in hand: what points of every kind share, and whether it is taken. */
export class PointFrame {
  readonly wire = new Wire();
  readonly seriesTable: SeriesTable;
  readonly places = new PointPlaces();
  exemplars: Exemplar[] = [];
  rejected = 0;
  /** Points of the request that say "no recorded value" and are no row for it. */
  unrecorded = 0;
  problem: string | undefined;
  receivedMs = Number.NaN;
  /** Times from here to there are sound; all of them where reception is not known. */
  earliestMs = 0;
  latestMs = 0;
  temporality = 0;
  timeMs = 0;
  startMs = 0;
  flags = 0;
  boundsStart = 0;
  boundsEnd = 0;
  /** The run of attribute fields in hand, tags included; encoders write them back to back. */
  #attributesStart = 0;
  #attributesEnd = 0;
  /** Runs before that one, where an encoder put other fields between; pairs. */
  readonly #runs: number[] = [];
  readonly #exemplarSlices: number[] = [];

  /** @param keepsSeries - false where points are only checked: every accepted one is then of series 0 */
  constructor(keepsSeries: boolean, guard?: SeriesGuard, maxSeries?: number) {
    this.seriesTable = new SeriesTable(keepsSeries, guard, maxSeries);
  }

  /** Before a request. */
  clear(receivedMs: number): void {
    this.exemplars = [];
    this.rejected = 0;
    this.unrecorded = 0;
    this.problem = undefined;
    this.places.clear();
    this.receivedMs = receivedMs;
    const judged = receivedMs >= 0;
    this.earliestMs = judged ? Math.max(receivedMs - MAX_AGE_MS, Number.MIN_VALUE) : 0;
    this.latestMs = judged ? receivedMs + MAX_AHEAD_MS : Number.POSITIVE_INFINITY;
  }

  /** Before a point. */
  begin(): void {
    this.timeMs = 0;
    this.startMs = 0;
    this.flags = 0;
    this.boundsStart = 0;
    this.boundsEnd = 0;
    this.#attributesStart = 0;
    this.#attributesEnd = 0;
    this.#runs.length = 0;
    this.#exemplarSlices.length = 0;
  }

  attribute(end: number): void {
    const { wire } = this;
    const sliceEnd = wire.sliceEnd(end);
    if (wire.tagAt !== this.#attributesEnd) {
      if (this.#attributesEnd > 0) this.#runs.push(this.#attributesStart, this.#attributesEnd);
      this.#attributesStart = wire.tagAt;
    }
    this.#attributesEnd = sliceEnd;
    wire.pos = sliceEnd;
  }

  exemplar(end: number): void {
    const sliceEnd = this.wire.sliceEnd(end);
    this.#exemplarSlices.push(this.wire.pos, sliceEnd);
    this.wire.pos = sliceEnd;
  }

  /** The series of the point in hand, or -1 after counting why it is refused. */
  accept(header: MetricHeader): number {
    let problem = this.receivedMs >= 0 ? timeProblem(this.timeMs, this.receivedMs) : undefined;
    if (problem === undefined) {
      const table = this.seriesTable;
      const series =
        this.#runs.length === 0
          ? table.lookup(this.wire, header, this.#attributesStart, this.#attributesEnd, this.boundsStart, this.boundsEnd)
          : table.lookupScattered(this.wire, header, [...this.#runs, this.#attributesStart, this.#attributesEnd], this.boundsStart, this.boundsEnd);
      if (series >= 0) {
        if (this.#exemplarSlices.length > 0) this.#readExemplars(series);
        return series;
      }
      problem = table.refusal;
    }
    this.rejected++;
    this.problem ??= `metric ${header.metric.slice(0, 200)}: ${problem}`;
    return -1;
  }

  /** Reads the two times every point has, under the same numbers; skips the rest. */
  times(end: number): void {
    const wire = this.wire;
    if (wire.field === 3) {
      wire.fixed64(end);
      this.timeMs = wire.nanosAsMs();
    } else if (wire.field === 2) {
      wire.fixed64(end);
      this.startMs = wire.nanosAsMs();
    } else wire.skip(end);
  }

  #readExemplars(series: number): void {
    const wire = this.wire;
    const position = wire.pos;
    for (let i = 0; i < this.#exemplarSlices.length; i += 2) {
      wire.pos = this.#exemplarSlices[i]!;
      this.exemplars.push(readExemplar(wire, this.#exemplarSlices[i + 1]!, series));
    }
    wire.pos = position;
  }
}

function readExemplar(wire: Wire, end: number, series: number): Exemplar {
  const exemplar = { series, timeMs: 0, value: Number.NaN, traceId: "", spanId: "", attributes: new Map<string, string>() };
  while (wire.next(end)) {
    switch (wire.field) {
      case 2:
        wire.fixed64(end);
        exemplar.timeMs = wire.nanosAsMs();
        break;
      case 3:
        exemplar.value = wire.double(end);
        break;
      case 4:
        exemplar.spanId = hexId(wire, end, 8);
        break;
      case 5:
        exemplar.traceId = hexId(wire, end, 16);
        break;
      case 6:
        wire.fixed64(end);
        exemplar.value = wire.signed();
        break;
      case 7:
        readKeyValue(wire, wire.sliceEnd(end), exemplar.attributes);
        break;
      default:
        wire.skip(end);
    }
  }
  return exemplar;
}

/** An id of `length` bytes as hexadecimal digits; "" for one of another length. */
function hexId(wire: Wire, end: number, length: number): string {
  const sliceEnd = wire.sliceEnd(end);
  const hex = sliceEnd - wire.pos === length ? Buffer.from(wire.bytes.subarray(wire.pos, sliceEnd)).toString("hex") : "";
  wire.pos = sliceEnd;
  return hex;
}
