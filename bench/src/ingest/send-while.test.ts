import { gunzipSync } from "node:zlib";
import { MetricDecoder, type StreamIdentity } from "@yunwei/otlp";
import { describe, expect, it } from "vitest";
import { EndlessFeed } from "./endless-feed.ts";
import { sendWhile } from "./send-while.ts";

const FIRST_MS = Date.UTC(2026, 10, 20);
const identity: StreamIdentity = { source: "test", site: "", tier: "", department: "", receivedMs: FIRST_MS + 3_600_000 };

describe("sendWhile", () => {
  it("sends a feed that repeats its series as of later, and counts what it has sent", async () => {
    const decoder = new MetricDecoder();
    const last = new Map<number, number>();
    let points = 0;
    const target = {
      lag: () => Promise.resolve(0),
      send: (body: Uint8Array) => {
        decoder.decode(gunzipSync(body), identity);
        const { numbers, histograms } = decoder;
        points += numbers.count + histograms.count;
        for (let row = 0; row < numbers.count; row++) {
          last.set(numbers.series[row]!, Math.max(last.get(numbers.series[row]!) ?? 0, numbers.timeMs[row]!));
        }
        return Promise.resolve();
      },
    };
    const items = await sendWhile(new EndlessFeed(500, 2, 5, FIRST_MS), target, (sent) => sent < 6_000);
    expect(items).toBe(points);
    expect(items).toBeGreaterThanOrEqual(6_000);
    expect(decoder.series.length).toBeLessThan(1_200);
    for (const timeMs of last.values()) expect(timeMs).toBeGreaterThan(FIRST_MS + 3 * 15_000);
  });

  it("waits while too much is not stored yet, and ends when it is no longer wanted", async () => {
    let sent = 0;
    let looks = 0;
    const target = { lag: () => Promise.resolve(++looks < 3 ? 1_000_000 : 0), send: () => Promise.resolve(void sent++) };
    let wanted = true;
    const sending = sendWhile(new EndlessFeed(500, 1, 5, FIRST_MS), target, () => wanted);
    while (looks < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    const before = sent;
    expect(before).toBeLessThanOrEqual(16);
    while (sent < before + 20) await new Promise((resolve) => setTimeout(resolve, 10));
    wanted = false;
    await sending;
  });

  it("hands on what the target throws", async () => {
    const target = { lag: () => Promise.resolve(0), send: () => Promise.reject(new Error("refused")) };
    await expect(sendWhile(new EndlessFeed(500, 1, 5, FIRST_MS), target, () => true)).rejects.toThrow("refused");
  });
});
