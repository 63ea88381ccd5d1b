import type { SpanDecoding } from "@yunwei/otlp";
import { StringColumn } from "@yunwei/store";
import { type Call, CallJoiner, type SpanEnd } from "../domain/call-joiner.ts";
import type { TableBlock } from "./metric-tables.ts";
import { ids, seconds } from "./place-columns.ts";

const MINUTE_MS = 60_000;
const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;
const FAILED = 2;

/** The block of `service_edges_1m`: calls joined over batches, summed per minute and pair of services and sites. */
export class CallTable {
  readonly #joiner = new CallJoiner();
  readonly #columns = {
    department: new StringColumn(),
    site: new StringColumn(),
    tier: new StringColumn(),
    t: seconds(),
    src: new StringColumn(),
    dst: new StringColumn(),
    dst_kind: new StringColumn(),
    dst_site: new StringColumn(),
    calls: ids(),
    errors: ids(),
    duration_sum_us: ids(),
    duration_max_us: ids(),
  };

  /** Takes the spans of one request. */
  push(decoder: SpanDecoding, nowMs: number): void {
    const { spans } = decoder;
    for (let row = 0; row < spans.count; row++) {
      const kind = spans.kind[row]!;
      if (kind === CLIENT || kind === PRODUCER) this.#joiner.caller(spans.spanId[row]!, endOf(decoder, row), nowMs);
      else if ((kind === SERVER || kind === CONSUMER) && spans.parentId[row] !== 0n) this.#joiner.callee(spans.parentId[row]!, endOf(decoder, row), nowMs);
    }
  }

  /** The calls that are known by now; once a batch, valid until the next call. */
  block(nowMs: number): TableBlock {
    for (const column of Object.values(this.#columns)) column.clear();
    for (const sum of summed(this.#joiner.take(nowMs))) {
      const { call } = sum;
      this.#columns.department.text(call.department);
      this.#columns.site.text(call.site);
      this.#columns.tier.text(call.tier);
      this.#columns.t.u32((Math.floor(call.startMs / MINUTE_MS) * MINUTE_MS) / 1000);
      this.#columns.src.text(call.src);
      this.#columns.dst.text(call.dst);
      this.#columns.dst_kind.text(call.dstKind);
      this.#columns.dst_site.text(call.dstSite);
      this.#columns.calls.i64(sum.calls);
      this.#columns.errors.i64(sum.errors);
      this.#columns.duration_sum_us.i64(Math.round(sum.durationMs * 1000));
      this.#columns.duration_max_us.i64(Math.round(sum.longestMs * 1000));
    }
    return { table: "service_edges_1m", columns: this.#columns };
  }
}

interface CallSum {
  readonly call: Call;
  calls: number;
  errors: number;
  durationMs: number;
  longestMs: number;
}

function summed(calls: readonly Call[]): Iterable<CallSum> {
  const sums = new Map<string, CallSum>();
  for (const call of calls) {
    const key = `${call.department}|${call.site}|${call.src}|${call.dst}|${call.dstKind}|${call.dstSite}|${Math.floor(call.startMs / MINUTE_MS)}`;
    const sum = sums.get(key) ?? { call, calls: 0, errors: 0, durationMs: 0, longestMs: 0 };
    sum.calls++;
    if (call.failed) sum.errors++;
    sum.durationMs += call.durationMs;
    sum.longestMs = Math.max(sum.longestMs, call.durationMs);
    sums.set(key, sum);
  }
  return sums.values();
}

function endOf({ spans, resources, strings }: SpanDecoding, row: number): SpanEnd {
  const { service, site, tier, department } = resources[spans.resource[row]!]!;
  const kind = spans.kind[row]!;
  return {
    service,
    site,
    tier,
    department,
    trace: spans.traceLow[row]!,
    startMs: spans.startMs[row]!,
    durationMs: spans.durationMs[row]!,
    failed: spans.status[row] === FAILED,
    peer: strings[spans.peer[row]!]!,
    asynchronous: kind === PRODUCER || kind === CONSUMER,
  };
}
