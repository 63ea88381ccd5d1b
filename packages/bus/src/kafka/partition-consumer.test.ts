import { expect, it } from "vitest";
import type { DeliveredMessage, SubscribeOptions } from "../bus.ts";
import { PushedSource } from "../kafkajs/pushed-source.ts";
import { PartitionConsumer } from "./partition-consumer.ts";

const message = (offset: number): DeliveredMessage => ({ topic: "t", partition: 0, offset, timestampMs: 0, key: "", value: new Uint8Array(1) });

/** What a handler got of ten messages until all were committed; it rejects while `rejects` says so. */
async function consume(rejects: (call: number) => boolean, options: Partial<SubscribeOptions> = {}): Promise<number[][]> {
  const source = new PushedSource({ fromOffset: 0, maxBytes: 1_000, pause: () => undefined, resume: () => undefined });
  source.push(
    Array.from({ length: 10 }, (_, offset) => message(offset)),
    0,
    10,
  );
  const got: number[][] = [];
  const done = Promise.withResolvers<void>();
  const consumer = new PartitionConsumer(
    source,
    0,
    { topic: "t", groupId: "g", maxMessages: 4, ...options },
    async (batch) => {
      got.push(batch.map(({ offset }) => offset));
      if (rejects(got.length)) throw new Error("not now");
    },
    async (_first, next) => {
      if (next === 10) done.resolve();
      return "committed";
    },
    () => undefined,
  );
  consumer.start();
  await done.promise;
  await consumer.stop();
  return got;
}

it("repeats a rejected batch as it was", async () => {
  expect(await consume((call) => call === 1)).toEqual([
    [0, 1, 2, 3],
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9],
  ]);
});

it("asks again where a rejected batch ends: it is cut anew, shorter or longer, and nothing is left out", async () => {
  const ends = [undefined, 5, 1, undefined, 4, undefined];
  const asked: number[] = [];
  const cut = async (_partition: number, first: number): Promise<number | undefined> => {
    asked.push(first);
    return ends[asked.length - 1];
  };
  expect(await consume((call) => call === 1 || call === 2 || call === 4, { cut })).toEqual([
    [0, 1, 2, 3],
    [0, 1, 2, 3, 4, 5],
    [0, 1],
    [2, 3, 4, 5],
    [2, 3, 4],
    [5, 6, 7, 8],
    [9],
  ]);
  expect(asked).toEqual([0, 0, 0, 2, 2, 5, 9]);
});

it("goes on when the end of a rejected batch cannot be asked for at first", async () => {
  let asks = 0;
  const cut = async (): Promise<number | undefined> => {
    if (++asks === 2) throw new Error("the engine is away");
    return undefined;
  };
  expect(await consume((call) => call === 1, { cut, maxMessages: 10 })).toEqual([
    Array.from({ length: 10 }, (_, i) => i),
    Array.from({ length: 10 }, (_, i) => i),
  ]);
});
