import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BusMessage } from "../bus.ts";
import { partitionOfKey } from "../partition-of-key.ts";
import { BATCH_BYTES, type Delivery, SendQueue } from "./send-queue.ts";

const delivery = (messages: readonly BusMessage[]): Delivery => ({
  messages,
  remaining: messages.length,
  settled: false,
  resolve: () => undefined,
  reject: () => undefined,
});
const messages = fc.array(fc.record({ key: fc.string({ maxLength: 5 }), value: fc.integer({ min: 0, max: 600_000 }).map((bytes) => new Uint8Array(bytes)) }), {
  minLength: 1,
  maxLength: 20,
});

describe("SendQueue", () => {
  it("gives every message once, in order, in sends that give no partition more than a batch", () => {
    fc.assert(
      fc.property(fc.array(messages, { maxLength: 5 }), fc.integer({ min: 1, max: 4 }), (calls, partitions) => {
        const queue = new SendQueue();
        for (const call of calls) queue.push(delivery(call));
        const sent: BusMessage[] = [];
        while (queue.length > 0) {
          const front = queue.front(partitions);
          const perPartition = Map.groupBy(front, (item) => partitionOfKey(item.message.key, partitions));
          for (const items of perPartition.values()) {
            expect(items.length === 1 || items.reduce((sum, item) => sum + item.bytes, 0) <= BATCH_BYTES).toBe(true);
          }
          expect(queue.front(partitions)).toEqual(front);
          sent.push(...front.map((item) => item.message));
          queue.remove(front.length);
        }
        expect(sent).toEqual(calls.flat());
        expect(queue.bytes).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it("gives one message at a time when a batch was too large", () => {
    const queue = new SendQueue();
    queue.push(delivery([1, 2, 3].map((n) => ({ key: String(n), value: new Uint8Array(n) }))));
    expect(queue.front(4, 1).map((item) => item.message.key)).toEqual(["1"]);
  });

  it("drops what nobody waits for, but nothing behind it", () => {
    const queue = new SendQueue();
    const [given, wanted] = [delivery([{ key: "a", value: new Uint8Array(9) }]), delivery([{ key: "b", value: new Uint8Array(9) }])];
    queue.push(given);
    queue.push(wanted);
    given.settled = true;
    expect(queue.front(1).map((item) => item.message.key)).toEqual(["b"]);
    expect(queue.deliveries()).toEqual([wanted]);
  });
});
