import fc from "fast-check";
import { expect, it } from "vitest";
import type { DeliveredMessage } from "../bus.ts";
import { MessageBuffer } from "./message-buffer.ts";

const message = (offset: number, bytes: number): DeliveredMessage => ({
  topic: "t",
  partition: 0,
  offset,
  timestampMs: 0,
  key: "",
  value: new Uint8Array(bytes),
});

it("gives every message once and in order, never more than asked for but one, and knows what it holds", () => {
  const step = fc.oneof(
    fc.record({ add: fc.array(fc.nat(100), { maxLength: 10 }) }),
    fc.record({ take: fc.integer({ min: 1, max: 8 }), bytes: fc.nat(300) }),
    fc.record({ ahead: fc.nat(12) }),
    fc.record({ back: fc.nat(8) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const buffer = new MessageBuffer();
      let added = 0;
      const taken: DeliveredMessage[] = [];
      for (const one of steps) {
        if ("add" in one) buffer.add(one.add.map((bytes) => message(added++, bytes)));
        else if ("take" in one) {
          const batch = buffer.take(one.take, one.bytes);
          expect(batch.length).toBeLessThanOrEqual(one.take);
          expect(batch.length <= 1 || batch.reduce((sum, { value }) => sum + value.length, 0) <= one.bytes).toBe(true);
          expect(batch.length > 0 || taken.length === added).toBe(true);
          taken.push(...batch);
        } else if ("back" in one) buffer.putBack(taken.splice(Math.max(0, taken.length - one.back)));
        else {
          const last = taken.length + one.ahead;
          const batch = buffer.takeTo(last);
          expect(batch.every(({ offset }) => offset <= last)).toBe(true);
          taken.push(...batch);
        }
        expect(buffer.count).toBe(added - taken.length);
        expect(buffer.firstOffset).toBe(taken.length === added ? undefined : taken.length);
      }
      expect(taken.map(({ offset }) => offset)).toEqual(taken.map((_, i) => i));
      expect(buffer.takeTo(Number.MAX_SAFE_INTEGER).length + taken.length).toBe(added);
      expect(buffer.bytes).toBe(0);
    }),
  );
});
