import { expect, it } from "vitest";
import type { DeliveredMessage } from "../bus.ts";
import { RecentMessages } from "./recent-messages.ts";

const message = (offset: number, bytes: number, timestampMs = 0): DeliveredMessage => ({
  topic: "t",
  partition: 0,
  offset,
  timestampMs,
  key: "",
  value: new Uint8Array(bytes),
});

it("gives the very object that was written, and forgets the oldest by bytes, number and age", () => {
  const recent = new RecentMessages();
  expect(recent.take(5)).toBeUndefined();
  const first = message(5, 100);
  recent.add([first, message(6, 100)]);
  expect([recent.take(4), recent.take(5), recent.take(6)?.offset, recent.take(7)]).toEqual([undefined, first, 6, undefined]);
  recent.add(Array.from({ length: 9 }, (_, i) => message(7 + i, 2 * 1024 * 1024)));
  expect([recent.take(7), recent.take(8)?.offset, recent.take(15)?.offset]).toEqual([undefined, 8, 15]);
  for (let from = 16; from < 40_000; from += 100) recent.add(Array.from({ length: 100 }, (_, i) => message(from + i, 1)));
  const last = 16 + 100 * Math.ceil((40_000 - 16) / 100) - 1;
  expect([recent.take(last)?.offset, recent.take(last - 8_191)?.offset, recent.take(last - 8_192)]).toEqual([last, last - 8_191, undefined]);
  recent.add([message(last + 1, 1, 100_000)]);
  expect([recent.take(last), recent.take(last + 1)?.offset]).toEqual([undefined, last + 1]);
});
