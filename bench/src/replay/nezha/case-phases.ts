import type { Signal } from "@yunwei/schemas";
import { seededRandom } from "@yunwei/series";
import type { ReplayPhase, ReplayRequest } from "../replay-source.ts";
import type { CaseTimeline } from "./case-timeline.ts";
import { type DrawnLog, type DrawnSpan, type TraceBlock, traceBlocks } from "./draw-traces.ts";
import { logRequests, metricRequests, type SeriesPoint, spanRequests } from "./encode-slice.ts";
import { firstAt, type RecordedSeries, seamOffset } from "./recorded-series.ts";
import type { TraceSegment } from "./trace-segments.ts";

/** A collector sends this often. */
const SLICE_MS = 15_000;
/** While the fault is on, event time runs at most so much faster than ours: alerting and diagnosis go by the second. */
const FAULT_SPEED = 15;

export interface CaseTelemetry {
  readonly timeline: CaseTimeline;
  readonly series: readonly RecordedSeries[];
  readonly segments: readonly TraceSegment[];
  readonly resourceOf: (pod: string) => Readonly<Record<string, string>>;
  /** Seed of what is drawn. */
  readonly seed: number;
}

/** A case as two phases: its healthy history, then the fault. @param shiftMs - from the recording's time to the time that is sent */
export function casePhases(telemetry: CaseTelemetry, shiftMs: number): [history: ReplayPhase, fault: ReplayPhase] {
  const { historyFromMs, historyShiftMs, injectMs, endMs } = telemetry.timeline;
  const slices = new CaseSlices(telemetry, shiftMs);
  const phase = (name: string, fromMs: number, toMs: number, mostSpeed: number | undefined): ReplayPhase => ({
    name,
    requests: slices.between(fromMs, toMs),
    fromMs: fromMs + shiftMs,
    toMs: toMs + shiftMs,
    mostSpeed,
  });
  return [phase("healthy history", historyFromMs + historyShiftMs, injectMs, undefined), phase("fault", injectMs, endMs, FAULT_SPEED)];
}

/** The requests of a case by slices of 15 s, read front to back once. */
class CaseSlices {
  readonly #telemetry: CaseTelemetry;
  readonly #shiftMs: number;
  readonly #blocks: Iterator<TraceBlock>;
  readonly #seamOffsets: readonly number[];
  #next: TraceBlock | undefined;
  #spans: DrawnSpan[] = [];
  #logs: DrawnLog[] = [];

  constructor(telemetry: CaseTelemetry, shiftMs: number) {
    this.#telemetry = telemetry;
    this.#shiftMs = shiftMs;
    this.#seamOffsets = telemetry.series.map((one) => seamOffset(one, telemetry.timeline.injectMs, telemetry.timeline.historyShiftMs));
    this.#blocks = blocksOf(telemetry.segments, seededRandom(telemetry.seed));
    this.#advance();
  }

  async *between(fromMs: number, toMs: number): AsyncGenerator<ReplayRequest> {
    for (let sliceMs = fromMs; sliceMs < toMs; sliceMs += SLICE_MS) {
      const endMs = Math.min(sliceMs + SLICE_MS, toMs);
      while (this.#next !== undefined && this.#next.fromMs < endMs) {
        for (const span of this.#next.spans) this.#spans.push(span);
        for (const log of this.#next.logs) this.#logs.push(log);
        this.#advance();
      }
      yield* this.#slice(sliceMs, endMs);
    }
  }

  *#slice(fromMs: number, endMs: number): Generator<ReplayRequest> {
    const { resourceOf } = this.#telemetry;
    const due = <Item>(items: readonly Item[], timeOf: (item: Item) => number): [due: Item[], later: Item[]] => {
      const parts: [Item[], Item[]] = [[], []];
      for (const item of items) parts[timeOf(item) < endMs ? 0 : 1].push(item);
      return parts;
    };
    const [spans, laterSpans] = due(this.#spans, (one) => one.endMs);
    const [logs, laterLogs] = due(this.#logs, (one) => one.timeMs);
    this.#spans = laterSpans;
    this.#logs = laterLogs;
    yield* this.#requests("metrics", endMs, metricRequests(this.#points(fromMs, endMs)));
    yield* this.#requests("traces", endMs, spanRequests(spans, this.#shiftMs, resourceOf));
    yield* this.#requests("logs", endMs, logRequests(logs, this.#shiftMs, resourceOf));
  }

  #requests(signal: Signal, timeMs: number, bodies: readonly Uint8Array[]): ReplayRequest[] {
    return bodies.map((body) => ({
      signal,
      timeMs: timeMs + this.#shiftMs,
      encoding: "protobuf",
      body,
      origin: `the ${signal} at ${new Date(timeMs).toISOString()}`,
    }));
  }

  #points(fromMs: number, endMs: number): SeriesPoint[] {
    const { series, timeline } = this.#telemetry;
    const healthy = fromMs < timeline.injectMs;
    const movedMs = healthy ? timeline.historyShiftMs : 0;
    const points: SeriesPoint[] = [];
    for (const [index, one] of series.entries()) {
      const offset = healthy ? this.#seamOffsets[index]! : 0;
      for (let at = firstAt(one.timesMs, fromMs - movedMs); at < one.timesMs.length && one.timesMs[at]! + movedMs < endMs; at++)
        points.push({ series: one, timeMs: one.timesMs[at]! + movedMs + this.#shiftMs, value: one.values[at]! + offset });
    }
    return points;
  }

  #advance(): void {
    const { value, done } = this.#blocks.next();
    this.#next = done === true ? undefined : value;
  }
}

function* blocksOf(segments: readonly TraceSegment[], random: () => number): Generator<TraceBlock> {
  for (const segment of segments) yield* traceBlocks(segment, random);
}
