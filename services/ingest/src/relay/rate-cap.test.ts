import { expect, it } from "vitest";
import { RateCap } from "./rate-cap.ts";

it("lets topics take turns: the chunks of one do not hold up the first of another", async () => {
  const cap = new RateCap({ maxBytesPerSecond: 1_000, maxMessagesPerSecond: 0, nowMs: Date.now, signal: new AbortController().signal });
  await cap.pass("logs", 1_000, 1); // the burst of the first second
  const passed: string[] = [];
  const wait = (topic: string): Promise<void> => cap.pass(topic, 20, 1).then(() => void passed.push(topic));
  await Promise.all([wait("logs"), wait("logs"), wait("logs"), wait("logs"), wait("metrics"), wait("spans")]);
  expect(passed).toHaveLength(6);
  expect(passed.indexOf("metrics")).toBeLessThanOrEqual(2);
  expect(passed.indexOf("spans")).toBeLessThanOrEqual(3);
});

it("lets nobody pass once it is stopped, and holds nobody up", async () => {
  const stop = new AbortController();
  const cap = new RateCap({ maxBytesPerSecond: 1, maxMessagesPerSecond: 0, nowMs: Date.now, signal: stop.signal });
  await cap.pass("logs", 1, 1);
  const held = cap.pass("logs", 1_000_000, 1);
  stop.abort(new Error("closing"));
  await expect(held).rejects.toThrow("closing");
});

it("cuts chunks no larger than what a second lets pass", () => {
  const cap = new RateCap({ maxBytesPerSecond: 1_000, maxMessagesPerSecond: 0, nowMs: Date.now, signal: new AbortController().signal });
  expect(cap.chunkLimits(950_000, 5_000)).toEqual({ maxBytes: 1_000, maxMessages: 5_000 });
});
