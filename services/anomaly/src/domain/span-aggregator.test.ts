import type { ResourceInfo } from "@yunwei/otlp";
import { METRIC } from "@yunwei/schemas";
import { describe, expect, it } from "vitest";
import { DerivedFeed } from "./derived-feed.ts";
import { Detector } from "./detector.ts";
import { LogAggregator } from "./log-aggregator.ts";
import { Presence } from "./presence.ts";
import { R } from "./record-layout.ts";
import { SourceClocks } from "./source-clocks.ts";
import { SpanAggregator } from "./span-aggregator.ts";
import { logColumnsOf, resourceOf, type SpanSketch, spanColumnsOf } from "./test-telemetry.test-data.ts";

const T = 1_700_000_010_000; // the beginning of a window
const WINDOW = 15_000;
const shop = resourceOf(0, { "service.name": "shop", "service.instance.id": "shop-1" });
const stock = resourceOf(1, { "service.name": "stock", "service.instance.id": "stock-1" }, "token-2", "nanjing");
const resources = [shop, stock];
const strings = ["", "orders-db", "weather.example"];

/** Values by metric and entity after the windows have closed; the newest value of each series. */
function valuesOf(
  batches: readonly (readonly SpanSketch[])[],
  cataloguesOf: (batch: number) => { resources: ResourceInfo[]; strings: string[] } = () => ({ resources, strings }),
): { values: Map<string, number>; detector: Detector; spans: SpanAggregator } {
  const detector = new Detector();
  const spans = new SpanAggregator(new DerivedFeed(detector, new Presence(detector)), new Set(["orders-db"]), new SourceClocks());
  batches.forEach((batch, i) => {
    const catalogues = cataloguesOf(i);
    spans.take(spanColumnsOf(batch), catalogues.resources, catalogues.strings, 0, T + i * 1000);
    spans.close(T + i * 1000);
  });
  const values = new Map<string, number>();
  for (const [slot, identity] of detector.identities.entries()) {
    const name = `${identity!.metric} ${identity!.entity}`;
    values.set(name, detector.table.chunkOf(slot).f64[detector.table.base(slot) + R.value]!);
  }
  return { values, detector, spans };
}

/** `count` requests of a window: shop (100 ms) computes, and calls stock (60 ms there, 40 ms on the wire both ways 20 ms), stock calls its database (10 ms). */
function requests(windowStart: number, count: number, failed = 0): SpanSketch[] {
  return Array.from({ length: count }, (_, i): SpanSketch[] => {
    const trace = windowStart / 1000 + i;
    const base = { trace, startMs: windowStart + 100 * i, failed: i < failed };
    return [
      { ...base, resource: 1, kind: "client", id: 5, parent: 4, durationMs: 10, peer: 1 },
      { ...base, resource: 1, kind: "server", id: 4, parent: 3, durationMs: 40 },
      { ...base, resource: 0, kind: "client", id: 3, parent: 2, durationMs: 60 },
      { ...base, resource: 0, kind: "internal", id: 2, parent: 1, durationMs: 80 },
      { ...base, resource: 0, kind: "server", id: 1, durationMs: 100 },
    ];
  }).flat();
}

/** A first window that is left out, the window under test, and later ones that close it. */
const around = (spans: readonly SpanSketch[]): SpanSketch[][] => [requests(T, 5), [...spans], requests(T + 4 * WINDOW, 1)];

describe("SpanAggregator", () => {
  it.each([
    ["once", [false, false, true, true]],
    ["with a straggler of the old one", [false, true, false, true]],
  ])("is not put off by a catalogue that begins anew in the middle of a window (%s)", (_case, isNew) => {
    const batches = [requests(T, 5), requests(T + WINDOW, 30, 6), requests(T + WINDOW + 3000, 30, 6), requests(T + 4 * WINDOW, 1)];
    // In the new one the services change places, and so do the names.
    const old = { resources: [...resources], strings: [...strings] };
    const renewed = {
      resources: [
        { ...stock, index: 0 },
        { ...shop, index: 1 },
      ],
      strings: ["", strings[2]!, strings[1]!],
    };
    const turn = (span: SpanSketch): SpanSketch => ({ ...span, resource: 1 - span.resource, ...(span.peer !== undefined && { peer: 3 - span.peer }) });
    const mixed = batches.map((batch, i) => (isNew[i] ? batch.map(turn) : batch));
    const { values } = valuesOf(mixed, (batch) => (isNew[batch] ? renewed : old));
    expect(values.size).toBeGreaterThan(5);
    expect(values).toEqual(valuesOf(batches).values);
  });

  it("takes a service for one that serves until two catalogues have come without it", () => {
    // Calls to stock that nobody answered: while it is known to serve, their time is not the wire's.
    const unanswered = (windowStart: number) =>
      requests(windowStart, 10)
        .filter(({ id }) => id === 3)
        .map((span): SpanSketch => ({ ...span, peer: strings.length }));
    const gapAfter = (renewals: number): boolean => {
      const catalogues = Array.from({ length: renewals + 1 }, () => ({ resources: [...resources], strings: [...strings, "stock"] }));
      const later = T + (renewals + 2) * WINDOW;
      const batches = [
        requests(T, 5),
        ...catalogues.slice(1).map((_, i) => unanswered(T + (i + 1) * WINDOW)),
        unanswered(later),
        unanswered(later + 3 * WINDOW),
      ];
      const { values } = valuesOf(batches, (batch) => catalogues[Math.min(batch, renewals)]!);
      return values.has(`${METRIC.edgeGap} edge:shop->stock`);
    };
    expect([gapAfter(1), gapAfter(2)]).toEqual([false, true]);
  });

  it("derives rate, failures, duration and self time of services, instances and edges", () => {
    const { values, detector } = valuesOf(around(requests(T + WINDOW, 30, 6)));
    expect(values.get(`${METRIC.serviceErrorRatio} service:shop`)).toBeCloseTo(0.2, 9);
    expect(values.get(`${METRIC.serviceDuration} service:shop`)).toBeCloseTo(0.1, 9);
    expect(values.get(`${METRIC.serviceSelfTime} service:shop`)).toBeCloseTo(0.04, 9);
    expect(values.get(`${METRIC.serviceSelfTime} instance:stock/stock-1`)).toBeCloseTo(0.03, 9);
    expect(values.get(`${METRIC.edgeGap} edge:shop->stock`)).toBeCloseTo(0.02, 9);
    expect(values.get(`${METRIC.edgeGap} edge:stock->orders-db`)).toBeCloseTo(0.01, 9);
    expect(values.has(`${METRIC.serviceRate} instance:shop/shop-1`)).toBe(false);
    const edge = detector.identities.find((identity) => identity?.entity === "edge:shop->stock");
    expect(edge).toMatchObject({ edge: { from: "service:shop", to: "service:stock" }, labels: { from_site: "suzhou", to_site: "nanjing" }, site: "suzhou" });
    expect(detector.identities.find((identity) => identity?.entity === "edge:stock->orders-db")?.edge?.to).toBe("database:orders-db");
  });

  it("counts the calls of a window, and 0 for one without", () => {
    const once = valuesOf([requests(T, 5), requests(T + WINDOW, 30), requests(T + 3 * WINDOW, 1)]);
    expect(once.values.get(`${METRIC.serviceRate} service:shop`)).toBe(2);
    const { values } = valuesOf([requests(T, 5), requests(T + WINDOW, 30), requests(T + 5 * WINDOW, 1)]);
    expect(values.get(`${METRIC.serviceRate} service:shop`)).toBe(0);
    expect(values.get(`${METRIC.edgeRate} edge:shop->stock`)).toBe(0);
  });

  it("says nothing of ratios and durations from fewer than three spans", () => {
    const { values } = valuesOf(around(requests(T + WINDOW, 2)));
    expect(values.has(`${METRIC.serviceRate} service:shop`)).toBe(true);
    expect(values.has(`${METRIC.serviceErrorRatio} service:shop`)).toBe(false);
    expect(values.has(`${METRIC.serviceDuration} service:shop`)).toBe(false);
  });

  it("joins relatives in any order of arrival", () => {
    const sorted = requests(T + WINDOW, 20);
    const [forward, backward] = [valuesOf(around(sorted)).values, valuesOf(around([...sorted].reverse())).values];
    expect([...backward].sort()).toEqual([...forward].sort());
  });

  it("counts spans that come after their window has closed as late", () => {
    const { spans } = valuesOf([...around(requests(T + WINDOW, 20)), requests(T + WINDOW, 7)]);
    expect(spans.lateSpans).toBeGreaterThanOrEqual(7);
  });

  it("makes no edge of a call to itself, nor of a callee nobody names", () => {
    const own: SpanSketch[] = Array.from({ length: 10 }, (_, i) => ({ resource: 0, kind: "client", trace: i + 1, id: 9, startMs: T + WINDOW, durationMs: 5 }));
    const { values } = valuesOf(around(own));
    expect([...values.keys()].filter((name) => name.includes("edge:"))).toEqual([]);
  });
});

describe("LogAggregator", () => {
  it("says nothing more of who has not logged for two weeks, and counts rightly who comes back", () => {
    const detector = new Detector();
    const logs = new LogAggregator(new DerivedFeed(detector, new Presence(detector)), new SourceClocks());
    const pods = [shop, resourceOf(1, { "service.name": "shop", "service.instance.id": "shop-2" })];
    const take = (resource: number, atMs: number, errors: number) => {
      logs.take(logColumnsOf([...Array.from({ length: errors }, () => [resource, atMs, 17] as const), [resource, atMs, 9]]), pods, 0, atMs);
      logs.close(atMs);
    };
    const newest = () =>
      new Map<string, (number | undefined)[]>(
        detector.identities.map((identity, slot) => {
          const { f64 } = detector.table.chunkOf(slot);
          const base = detector.table.base(slot);
          return [identity!.entity, [f64[base + R.value], f64[base + R.lastMs]! - T]];
        }),
      );
    const [first, second] = ["instance:shop/shop-1", "instance:shop/shop-2"];
    for (let window = 0; window < 4; window++) take(0, T + window * WINDOW, 15);
    for (let window = 4; window < 8; window++) take(1, T + window * WINDOW, 30);
    expect([newest().get(first), newest().get(second)]).toEqual([
      [0, 6 * WINDOW],
      [2, 6 * WINDOW],
    ]);
    const later = 15 * 86_400_000;
    for (let window = 0; window < 6; window++) take(1, T + later + window * WINDOW, 30);
    const [, silentSince] = newest().get(first)!;
    expect(silentSince).toBeLessThanOrEqual(later + 2 * WINDOW);
    expect(newest().get(second)).toEqual([2, later + 4 * WINDOW]);
    for (let window = 6; window < 10; window++) take(0, T + later + window * WINDOW, 15);
    expect([newest().get(first), newest().get(second)]).toEqual([
      [1, later + 8 * WINDOW],
      [0, later + 8 * WINDOW],
    ]);
  });

  it("counts error records per second of an entity, 0 when there are none", () => {
    const detector = new Detector();
    const logs = new LogAggregator(new DerivedFeed(detector, new Presence(detector)), new SourceClocks());
    const newest = () => detector.table.chunkOf(0).f64[R.value];
    const take = (window: number, errors: number) => {
      const at = T + window * WINDOW;
      logs.take(logColumnsOf([...Array.from({ length: errors }, () => [0, at + 5, 17] as const), [0, at + 6, 9]]), resources, 0, T + window * 1000);
      logs.close(T + window * 1000);
    };
    take(0, 1);
    take(1, 30);
    take(3, 0);
    expect(newest()).toBe(2);
    take(5, 0);
    expect(newest()).toBe(0);
    expect(detector.identities[0]).toMatchObject({ metric: METRIC.logErrorRate, entity: "instance:shop/shop-1", unit: "1/s", site: "suzhou" });
  });
});
