import { lanesIn, type ResourceInfo, type SpanColumns } from "@yunwei/otlp";
import { CatalogueNumbers } from "./catalogue-numbers.ts";
import type { DerivedFeed } from "./derived-feed.ts";
import { type KnownNames, RecentNames } from "./recent-names.ts";
import { reporterOf } from "./reporter.ts";
import { SourceClocks } from "./source-clocks.ts";
import { SpanLinks } from "./span-links.ts";
import { SPAN_FLAG } from "./span-rows.ts";
import { SourceSpans } from "./span-source.ts";

/** OTLP SpanKind: server and consumer, client and producer; the others are work inside a service. */
const SERVED: ReadonlySet<number> = new Set([2, 5]);
const CALLING: ReadonlySet<number> = new Set([3, 4]);
const ASYNCHRONOUS: ReadonlySet<number> = new Set([4, 5]);
const FAILED = 2;
/** Spans that wait for their relatives, all sources together; further ones are counted without a join. */
const MAX_PENDING = 200_000;

/**
 * Rates, failures, durations, self time and gaps of services, instances and edges from spans, per 15 s of event time.
 * Every source has windows and a watermark of its own, so that a site whose clock is wrong is neither late nor early; the
 * join of callers and callees reaches over sources because it needs durations only.
 */
export class SpanAggregator {
  readonly #feed: DerivedFeed;
  readonly #databases: KnownNames;
  readonly #links = new SpanLinks();
  readonly #resources = new CatalogueNumbers<ResourceInfo>();
  readonly #strings = new CatalogueNumbers<string>();
  readonly #metricClocks: SourceClocks;
  readonly #clocks = new SourceClocks();
  readonly #sources = new Map<string, SourceSpans>();
  /** Names of services that serve spans. */
  readonly #services = new RecentNames();
  #pending = 0;
  unjoined = 0;

  /**
   * @param databases - names of databases known from resources; may grow
   * @param metricClocks - clocks of the same sources' metrics: they tell no traffic from no data
   */
  constructor(feed: DerivedFeed, databases: KnownNames, metricClocks: SourceClocks) {
    this.#metricClocks = metricClocks;
    this.#feed = feed;
    this.#databases = databases;
  }

  get lateSpans(): number {
    let late = 0;
    for (const source of this.#sources.values()) late += source.late;
    return late;
  }

  /** The spans of one decoded request. @param nowMs - process clock */
  take(spans: SpanColumns, resources: readonly ResourceInfo[], strings: readonly string[], partition: number, nowMs: number): void {
    const [hasNewResources, hasNewStrings] = [this.#resources.take(resources), this.#strings.take(strings)];
    if (hasNewResources || hasNewStrings) for (const source of this.#sources.values()) source.forgetNumbers();
    if (hasNewResources) this.#services.turn();
    const [firstResource, firstString] = [this.#resources.baseOf(resources), this.#strings.baseOf(strings)];
    const ids = lanesIn(spans.spanId);
    const parents = lanesIn(spans.parentId);
    const traces = lanesIn(spans.traceLow);
    for (let i = 0; i < spans.count; i++) {
      const info = resources[spans.resource[i]!]!;
      const resource = firstResource + spans.resource[i]!;
      if (info.service === "") continue;
      const kind = spans.kind[i]!;
      const durationMs = spans.durationMs[i]!;
      const endMs = spans.startMs[i]! + durationMs;
      const trace = traces[2 * i]!;
      const [low, high] = [ids[2 * i]!, ids[2 * i + 1]!];
      this.#clocks.of(info.source).hear(partition, reporterOf(info.entityId), endMs, nowMs);
      this.#link(kind, trace, high, low, parents[2 * i + 1]!, parents[2 * i]!, resource, durationMs, endMs);
      if (!SERVED.has(kind) && !CALLING.has(kind)) continue;
      if (SERVED.has(kind)) this.#services.add(info.service);
      const peer = spans.peer[i] === 0 ? 0 : firstString + spans.peer[i]!;
      const flags = flagsOf(kind, spans.status[i] === FAILED);
      this.#sourceOf(info.source).push(endMs, resource, peer, durationMs, flags, trace, high, low);
    }
  }

  /** Closes what is due and feeds its values to the detector, in order of sources and keys of first sight. */
  close(nowMs: number): void {
    for (const [name, source] of this.#sources) {
      const clock = this.#clocks.of(name);
      clock.advance(nowMs, this.#metricClocks.of(name));
      source.close(clock);
    }
  }

  /** Tells the parent of a span what it needs to know: who served it, what was called below it. */
  #link(
    kind: number,
    trace: number,
    high: number,
    low: number,
    parentHigh: number,
    parentLow: number,
    resource: number,
    durationMs: number,
    endMs: number,
  ): void {
    if (parentLow === 0 && parentHigh === 0) return;
    if (SERVED.has(kind)) this.#links.addServer(trace, parentHigh, parentLow, resource, durationMs, endMs);
    else if (CALLING.has(kind)) this.#links.addCall(trace, parentHigh, parentLow, durationMs, endMs);
    else this.#links.addInternal(trace, high, low, parentHigh, parentLow, endMs);
  }

  #sourceOf(name: string): SourceSpans {
    let source = this.#sources.get(name);
    if (source === undefined) {
      source = new SourceSpans({
        feed: this.#feed,
        links: this.#links,
        resources: this.#resources,
        strings: this.#strings,
        databases: this.#databases,
        services: this.#services,
        mayWait: () => {
          if (this.#pending < MAX_PENDING) {
            this.#pending++;
            return true;
          }
          this.unjoined++;
          return false;
        },
        done: (rows) => {
          this.#pending -= rows;
        },
      });
      this.#sources.set(name, source);
    }
    return source;
  }
}

function flagsOf(kind: number, failed: boolean): number {
  return (failed ? SPAN_FLAG.failed : 0) | (SERVED.has(kind) ? SPAN_FLAG.served : 0) | (ASYNCHRONOUS.has(kind) ? SPAN_FLAG.asynchronous : 0);
}
