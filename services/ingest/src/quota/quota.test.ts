import { RequestReader } from "@yunwei/otlp";
import { YunweiError } from "@yunwei/schemas";
import { describe, expect, it } from "vitest";
import type { TokenLimits } from "../domain/ingest-token.ts";
import { gauge, proto } from "../otlp-request.test-data.ts";
import { QuotaBook } from "./quota-book.ts";
import { Turnstile } from "./turnstile.ts";
import { type SeenRequest, WatchedReader } from "./watched-reader.ts";

const START_MS = 1_700_000_000_000;
const LATER_MS = START_MS + 600_000;
const book = (limits: TokenLimits) =>
  new QuotaBook(
    [
      { id: "city", sha256: "", limits },
      { id: "free", sha256: "" },
    ],
    START_MS,
  );
const refusal = (act: () => unknown): { reason: string; retryAfterMs: number } | undefined => {
  try {
    act();
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: "YUNWEI_QUOTA_EXCEEDED", retryable: true });
    return (error as YunweiError).details as { reason: string; retryAfterMs: number };
  }
};

describe("quotas", () => {
  it("bind nobody who has none", () => {
    expect(refusal(() => book({ maxItemsPerSecond: 1 }).take("free", 1e9, 1e9, 1e6, LATER_MS))).toBeUndefined();
  });

  it.each([
    ["items", { maxItemsPerSecond: 100, burstSeconds: 1 }, [0, 100, 0]],
    ["bytes", { maxBytesPerSecond: 100, burstSeconds: 1 }, [100, 0, 0]],
    ["new_series", { maxNewSeriesPerMinute: 100 }, [0, 0, 100]],
  ] as const)("of %s refuse what is over, and count it", (reason, limits, [bytes, items, series]) => {
    const quotas = book(limits);
    quotas.take("city", bytes, items, series, LATER_MS);
    expect(refusal(() => quotas.take("city", bytes, items, series, LATER_MS))).toMatchObject({ reason });
    expect(quotas.states()).toMatchObject([{ source: "city", rejected: [{ reason, requests: 1, items }] }]);
  });

  it("take nothing of a request that one of them refuses, and give back what did not become durable", () => {
    const quotas = book({ maxItemsPerSecond: 10, maxBytesPerSecond: 10, burstSeconds: 1 });
    expect(refusal(() => quotas.take("city", 10, 100, 0, LATER_MS))).toBeUndefined(); // a full bucket and a debt
    expect(refusal(() => quotas.take("city", 5, 1, 0, LATER_MS + 1_000))).toMatchObject({ reason: "items" });
    const other = book({ maxItemsPerSecond: 10, maxBytesPerSecond: 10, burstSeconds: 1 });
    other.take("city", 10, 10, 0, LATER_MS)();
    expect(refusal(() => other.take("city", 10, 10, 0, LATER_MS))).toBeUndefined();
  });

  it("of new series let a request that was refused pass later, when its series are paid for, and no other of metrics before", () => {
    const quotas = book({ maxNewSeriesPerMinute: 60 });
    quotas.take("city", 1, 60, 60, LATER_MS);
    const told = refusal(() => quotas.take("city", 1, 30, 30, LATER_MS));
    expect(told).toEqual({ reason: "new_series", retryAfterMs: 30_000 });
    expect(refusal(() => quotas.mayRead("city", 1, true, LATER_MS + 29_000))).toMatchObject({ reason: "new_series" });
    expect(refusal(() => quotas.mayRead("city", 1, false, LATER_MS))).toBeUndefined();
    expect(refusal(() => quotas.mayRead("city", 1, true, LATER_MS + 30_000))).toBeUndefined();
    expect(refusal(() => quotas.take("city", 1, 30, 0, LATER_MS + 30_000))).toBeUndefined();
  });

  it("of new series are in debt for two minutes at most, and count nothing in the first minutes of a process", () => {
    const quotas = book({ maxNewSeriesPerMinute: 60 });
    expect(refusal(() => quotas.take("city", 1, 1, 1e6, START_MS + 60_000))).toBeUndefined();
    quotas.take("city", 1, 1, 10, LATER_MS);
    expect(refusal(() => quotas.take("city", 1, 1, 1e6, LATER_MS))).toMatchObject({ retryAfterMs: expect.closeTo(120_000, -3) });
  });
});

describe("a reader that is watched", () => {
  it("hands every question on to the reader of the process", () => {
    expect(Object.getOwnPropertyNames(WatchedReader.prototype)).toEqual(expect.arrayContaining(Object.getOwnPropertyNames(RequestReader.prototype)));
  });

  it.each([
    ["keeps series", 1],
    ["only checks", 0],
  ])("tells items, new series and newest time of a request, where it %s", (_case, readers) => {
    const reader = new WatchedReader(new RequestReader(readers));
    const seen: unknown[] = [];
    const send = (body: Uint8Array) => {
      const identity = { source: "city", site: "", tier: "", department: "", receivedMs: START_MS };
      reader.watch(identity, (request) => seen.push(request));
      reader.decode("metrics", body, identity);
    };
    const times = [START_MS - 5_000, START_MS + 2_000];
    const body = proto(
      "metrics",
      gauge(
        "m",
        times.map((ms, i) => ({ timeUnixNano: `${ms}000000`, asDouble: 1, attributes: [{ key: "i", value: { stringValue: `${i}` } }] })),
      ),
    );
    send(body);
    send(body);
    expect(seen).toEqual([
      { items: 2, newSeries: 2, newestMs: START_MS + 2_000, relearns: false },
      { items: 2, newSeries: 0, newestMs: START_MS + 2_000, relearns: false },
    ]);
    expect(() => send(body.subarray(0, body.length - 3))).toThrow(YunweiError);
    expect(seen[2]).toMatchObject({ items: 0, newestMs: Number.NEGATIVE_INFINITY });
  });

  it("tells that the catalogue has begun anew, once: nobody pays for its series then, nor for three minutes", () => {
    let nowMs = 0;
    const reader = new WatchedReader(new RequestReader(1, { maxSeries: 1, nowMs: () => nowMs }));
    const seen: SeenRequest[] = [];
    const send = (metric: string) => {
      const identity = { source: "city", site: "", tier: "", department: "", receivedMs: START_MS };
      reader.watch(identity, (request) => seen.push(request));
      reader.decode("metrics", proto("metrics", gauge(metric, [{ timeUnixNano: `${START_MS}000000`, asDouble: 1 }])), identity);
    };
    send("a");
    nowMs = 3_600_000;
    send("b");
    send("b");
    expect(seen.map(({ newSeries, relearns }) => [newSeries, relearns])).toEqual([
      [1, false],
      [0, true],
      [0, false],
    ]);
    const quotas = book({ maxNewSeriesPerMinute: 60 });
    quotas.relearn(LATER_MS);
    expect(refusal(() => quotas.take("city", 1, 1, 1e6, LATER_MS + 179_000))).toBeUndefined();
    quotas.take("city", 1, 1, 10, LATER_MS + 181_000);
    expect(refusal(() => quotas.take("city", 1, 1, 1e6, LATER_MS + 181_000))).toMatchObject({ reason: "new_series" });
  });
});

describe("a turnstile", () => {
  it("lets so many through at once, in order, also after failures", async () => {
    const turnstile = new Turnstile(2);
    let inside = 0;
    let most = 0;
    const order: number[] = [];
    const work = async (i: number) => {
      most = Math.max(most, ++inside);
      order.push(i);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
      if (i % 3 === 0) throw new Error("broken");
    };
    await Promise.allSettled(Array.from({ length: 10 }, (_, i) => turnstile.through(() => work(i))));
    expect([most, inside, order]).toEqual([2, 0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]);
  });
});
