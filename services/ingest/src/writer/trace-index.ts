import { lanesIn, type SpanDecoding } from "@yunwei/otlp";
import { DictionaryColumn, FixedColumn } from "@yunwei/store";
import type { TableBlock } from "./metric-tables.ts";
import { ids } from "./place-columns.ts";

const DAY_US = 86_400_000_000;
const FAILED = 2;
const KEY_LANES = 4;
/** Ids chosen to collide are not searched for longer: their traces come in pieces. */
const MAX_PROBES = 64;

/** The block of `trace_index`: what the spans of a batch add to their traces. The table sums such rows up, so a trace may come in pieces. */
export class TraceIndexTable {
  readonly #columns = {
    department: new DictionaryColumn(),
    day: new FixedColumn("Date", 2),
    trace_id: new FixedColumn("FixedString(16)", 16),
    start: new FixedColumn("DateTime64(6)", 8),
    end: new FixedColumn("DateTime64(6)", 8),
    spans: ids(),
    errors: ids(),
  };

  /** Valid until the next call. */
  block(requests: readonly SpanDecoding[]): TableBlock {
    for (const column of Object.values(this.#columns)) column.clear();
    const traces = new Traces(requests.reduce((sum, { spans }) => sum + spans.count, 0));
    const departments: string[] = [];
    const numbers = new Map<string, number>();
    for (const { spans, resources } of requests) {
      const [high, low] = [lanesIn(spans.traceHigh), lanesIn(spans.traceLow)];
      for (let row = 0; row < spans.count; row++) {
        const { department } = resources[spans.resource[row]!]!;
        let number = numbers.get(department);
        if (number === undefined) {
          number = departments.push(department) - 1;
          numbers.set(department, number);
        }
        const startUs = Math.round(spans.startMs[row]! * 1000);
        const endUs = startUs + Math.round(spans.durationMs[row]! * 1000);
        traces.add(high, low, row, number, startUs, endUs, spans.status[row] === FAILED);
      }
    }
    this.#fill(traces, departments);
    return { table: "trace_index", columns: this.#columns };
  }

  #fill(traces: Traces, departments: readonly string[]): void {
    const columns = this.#columns;
    for (let at = 0; at < traces.size; at++) {
      columns.department.text(departments[traces.department[at]!]!);
      columns.day.u16(traces.day[at]!);
      for (let lane = 0; lane < KEY_LANES; lane += 2) columns.trace_id.bigEndian(traces.key[KEY_LANES * at + lane]!, traces.key[KEY_LANES * at + lane + 1]!);
      columns.start.i64(traces.startUs[at]!);
      columns.end.i64(traces.endUs[at]!);
      columns.spans.i64(traces.spans[at]!);
      columns.errors.i64(traces.errors[at]!);
    }
  }
}

/** Sums by (trace id, department, day): open addressing in typed arrays, at most half full. */
class Traces {
  size = 0;
  /** Lanes of the ids, most significant first. */
  readonly key: Uint32Array;
  readonly department: Uint32Array;
  readonly day: Uint16Array;
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
  readonly spans: Uint32Array;
  readonly errors: Uint32Array;
  readonly #slots: Int32Array;

  /** @param most - no more traces than this */
  constructor(most: number) {
    this.key = new Uint32Array(KEY_LANES * most);
    this.department = new Uint32Array(most);
    this.day = new Uint16Array(most);
    this.startUs = new Float64Array(most);
    this.endUs = new Float64Array(most);
    this.spans = new Uint32Array(most);
    this.errors = new Uint32Array(most);
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * most + 2))).fill(-1);
  }

  add(high: Uint32Array, low: Uint32Array, row: number, department: number, startUs: number, endUs: number, failed: boolean): void {
    const [a, b, c, d] = [high[2 * row + 1]!, high[2 * row]!, low[2 * row + 1]!, low[2 * row]!];
    const at = this.#find(a, b, c, d, department, Math.floor(startUs / DAY_US));
    if (startUs < this.startUs[at]!) this.startUs[at] = startUs;
    if (endUs > this.endUs[at]!) this.endUs[at] = endUs;
    this.spans[at]!++;
    if (failed) this.errors[at]!++;
  }

  #find(a: number, b: number, c: number, d: number, department: number, day: number): number {
    const mask = this.#slots.length - 1;
    const { key } = this;
    let slot = Math.imul(a ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ d, 0x9e3779b1) & mask;
    for (let probes = 0; probes < MAX_PROBES; slot = (slot + 1) & mask, probes++) {
      const at = this.#slots[slot]!;
      if (at < 0) {
        this.#slots[slot] = this.size;
        return this.#begin(a, b, c, d, department, day);
      }
      const lane = KEY_LANES * at;
      if (key[lane] === a && key[lane + 1] === b && key[lane + 2] === c && key[lane + 3] === d && this.department[at] === department && this.day[at] === day)
        return at;
    }
    return this.#begin(a, b, c, d, department, day);
  }

  #begin(a: number, b: number, c: number, d: number, department: number, day: number): number {
    const at = this.size++;
    this.key.set([a, b, c, d], KEY_LANES * at);
    this.department[at] = department;
    this.day[at] = day;
    this.startUs[at] = Number.POSITIVE_INFINITY;
    this.endUs[at] = Number.NEGATIVE_INFINITY;
    return at;
  }
}
