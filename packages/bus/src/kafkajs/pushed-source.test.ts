import { describe, expect, it } from "vitest";
import type { DeliveredMessage } from "../bus.ts";
import { PushedSource } from "./pushed-source.ts";

const messages = (from: number, count: number, bytes = 10): DeliveredMessage[] =>
  Array.from({ length: count }, (_, i) => ({ topic: "t", partition: 0, offset: from + i, timestampMs: 0, key: "", value: new Uint8Array(bytes) }));

function open(fromOffset: number, maxBytes = 100) {
  const calls: string[] = [];
  return { calls, source: new PushedSource({ fromOffset, maxBytes, pause: () => calls.push("pause"), resume: () => calls.push("resume") }) };
}

describe("PushedSource", () => {
  it("takes what was fetched at its position, and nothing that was fetched elsewhere", () => {
    const { source } = open(5);
    expect(source.push(messages(5, 3), 5, 8)).toBe(true);
    expect(source.push(messages(5, 3), 5, 8)).toBe(false);
    expect(source.push(messages(9, 1), 9, 10)).toBe(false);
    expect(source.push(messages(8, 1), 8, 12)).toBe(true);
    expect(source.nextOffset).toBe(12);
    expect(source.buffer.take(10, 1_000).map((one) => one.offset)).toEqual([5, 6, 7, 8]);
  });

  it("pauses once when full, and goes on when there is room or a batch needs more than the limit", async () => {
    const { source, calls } = open(0);
    source.push(messages(0, 10), 0, 10);
    source.push(messages(10, 10), 10, 20);
    expect(calls).toEqual(["pause"]);
    source.readAhead();
    expect(calls).toEqual(["pause"]);
    source.buffer.take(15, 1_000);
    source.readAhead();
    expect(calls).toEqual(["pause", "resume"]);
    source.push(messages(20, 10), 20, 30);
    const filled = source.fill();
    source.push(messages(30, 1), 30, 31);
    await filled;
    expect(calls).toEqual(["pause", "resume", "pause", "resume", "pause"]);
  });

  it("takes nothing any more when closed", async () => {
    const { source, calls } = open(0);
    await source.close();
    expect(source.push(messages(0, 1), 0, 1)).toBe(false);
    await source.fill();
    expect(calls).toEqual([]);
  });
});
