import { MetricDecoder, type StreamIdentity } from "@yunwei/otlp";
import { seededRandom } from "@yunwei/series";
import { describe, expect, it } from "vitest";
import { MetricFleet } from "./metric-fleet.ts";
import { RetimedRequest } from "./retimed-request.ts";

const FROM_MS = Date.UTC(2026, 10, 26);
const LATER_MS = 7 * 3_600_000;
const identity: StreamIdentity = { source: "test", site: "", tier: "", department: "", receivedMs: FROM_MS + LATER_MS };

describe("RetimedRequest", () => {
  it("moves every point, and nothing else", () => {
    for (const payload of new MetricFleet(2_000, seededRandom(3), FROM_MS).round(FROM_MS)) {
      const decoder = new MetricDecoder();
      decoder.decode(payload.body, identity);
      const numbers = { times: decoder.numbers.timeMs.slice(0, decoder.numbers.count), values: decoder.numbers.value.slice(0, decoder.numbers.count) };
      const request = new RetimedRequest(payload);
      expect(request.times).toBe(payload.items);
      request.later(1); // a later call does not build on an earlier one
      decoder.decode(request.later(LATER_MS), identity);
      expect(decoder.numbers.count).toBe(numbers.times.length);
      expect(decoder.numbers.value.slice(0, decoder.numbers.count)).toEqual(numbers.values);
      for (const [row, timeMs] of numbers.times.entries()) expect(decoder.numbers.timeMs[row]).toBeCloseTo(timeMs + LATER_MS, 1);
    }
  });
});
