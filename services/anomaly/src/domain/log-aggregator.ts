import type { LogColumns, ResourceInfo } from "@yunwei/otlp";
import { METRIC } from "@yunwei/schemas";
import type { DerivedFeed } from "./derived-feed.ts";
import { DerivedKeys } from "./derived-keys.ts";
import { EventWindows, WINDOW_MS } from "./event-windows.ts";
import { reporterOf } from "./reporter.ts";
import { SourceClocks } from "./source-clocks.ts";
import { SUM, WindowSums } from "./window-sums.ts";

/** OTLP SeverityNumber from which a record is an error. */
const ERROR_SEVERITY = 17;
const SECONDS = WINDOW_MS / 1000;

interface LogSource {
  readonly keys: DerivedKeys;
  /** Dense key by resource index. */
  readonly byResource: Map<number, number>;
  readonly windows: EventWindows<WindowSums>;
}

/** Error records per second of every entity that has logged in the last two weeks, per 15 s of event time; 0 when there are none. */
export class LogAggregator {
  readonly #feed: DerivedFeed;
  readonly #metricClocks: SourceClocks;
  readonly #clocks = new SourceClocks();
  readonly #sources = new Map<string, LogSource>();
  #resources: readonly ResourceInfo[] | undefined;

  /** @param metricClocks - clocks of the same sources' metrics: they tell no errors from no data */
  constructor(feed: DerivedFeed, metricClocks: SourceClocks) {
    this.#metricClocks = metricClocks;
    this.#feed = feed;
  }

  get lateRecords(): number {
    let late = 0;
    for (const source of this.#sources.values()) late += source.windows.late;
    return late;
  }

  /** The records of one decoded request. @param nowMs - process clock */
  take(logs: LogColumns, resources: readonly ResourceInfo[], partition: number, nowMs: number): void {
    if (resources !== this.#resources) {
      this.#resources = resources;
      for (const { byResource } of this.#sources.values()) byResource.clear();
    }
    for (let i = 0; i < logs.count; i++) {
      const resource = logs.resource[i]!;
      const info = resources[resource]!;
      const timeMs = logs.timeMs[i]!;
      this.#clocks.of(info.source).hear(partition, reporterOf(info.entityId), timeMs, nowMs);
      const source = this.#sourceOf(info.source);
      const key = keyOf(source, resource, info, timeMs);
      const known = source.keys.all[key];
      if (known !== undefined && timeMs > known.lastMs) known.lastMs = timeMs;
      const sums = source.windows.at(timeMs);
      if (sums !== undefined && key >= 0 && logs.severity[i]! >= ERROR_SEVERITY) sums.add(key, SUM.failed, 1);
    }
  }

  /** Closes what is due and feeds its values to the detector. */
  close(nowMs: number): void {
    for (const [name, source] of this.#sources) {
      const clock = this.#clocks.of(name);
      source.windows.close(clock.advance(nowMs, this.#metricClocks.of(name)), (sums, endMs) => {
        if (sums === undefined && !clock.speaking) return;
        for (const [index, key] of source.keys.all.entries()) {
          if (key !== undefined) this.#feed.observe(key, METRIC.logErrorRate, "1/s", endMs, (sums?.get(index, SUM.failed) ?? 0) / SECONDS);
        }
        if (source.keys.forgetOver(endMs)) source.byResource.clear();
      });
    }
  }

  #sourceOf(name: string): LogSource {
    let source = this.#sources.get(name);
    if (source === undefined) {
      source = { keys: new DerivedKeys(), byResource: new Map(), windows: new EventWindows(() => new WindowSums()) };
      this.#sources.set(name, source);
    }
    return source;
  }
}

function keyOf(source: LogSource, resource: number, info: ResourceInfo, timeMs: number): number {
  const known = source.byResource.get(resource);
  if (known !== undefined) return known;
  const { entity, service, site, tier, department } = info;
  const key = source.keys.take({ kind: "log", entity, service, tier, department, source: info.source, labels: {} }, timeMs);
  source.keys.vote(key, site);
  source.byResource.set(resource, key);
  return key;
}
