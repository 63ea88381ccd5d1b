import type { DeliveredMessage } from "@yunwei/bus";
import fc from "fast-check";
import { expect, it } from "vitest";
import { cutChunk } from "./cut-chunk.ts";
import { relayedBytes } from "./relay-origin.ts";

const message = (offset: number, size: number): DeliveredMessage => ({
  topic: "t",
  partition: 0,
  offset,
  timestampMs: 0,
  key: "k",
  value: new Uint8Array(size),
});

const batches = fc
  .array(fc.record({ step: fc.integer({ min: 1, max: 3 }), size: fc.integer({ min: 0, max: 400 }) }), { minLength: 1, maxLength: 30 })
  .map((steps) => {
    let offset = 100;
    return steps.map(({ step, size }) => message((offset += step), size));
  });

it("takes the longest run without a gap that keeps the limits, and at least one message", () => {
  fc.assert(
    fc.property(batches, fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 1, max: 12 }), (messages, maxBytes, maxMessages) => {
      const count = cutChunk(messages, { maxBytes, maxMessages });
      const chunk = messages.slice(0, count);
      const bytes = (of: readonly DeliveredMessage[]): number => of.reduce((sum, one) => sum + relayedBytes(one), 0);
      expect(count).toBeGreaterThanOrEqual(1);
      expect(chunk.map(({ offset }) => offset)).toEqual(chunk.map((_, i) => chunk[0]!.offset + i));
      if (count > 1) expect(count <= maxMessages && bytes(chunk) <= maxBytes).toBe(true);
      const next = messages[count];
      if (next === undefined) return;
      const longer = messages.slice(0, count + 1);
      expect(count === maxMessages || bytes(longer) > maxBytes || next.offset !== chunk.at(-1)!.offset + 1).toBe(true);
    }),
  );
});
