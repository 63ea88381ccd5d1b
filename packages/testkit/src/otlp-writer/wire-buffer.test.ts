import fc from "fast-check";
import protobuf from "protobufjs";
import { expect, it } from "vitest";
import { setUint64, setUnixNano, varintSize, WireBuffer } from "./wire-buffer.ts";

const wholeNumber = fc.nat({ max: Number.MAX_SAFE_INTEGER });

it("writes varints that protobufjs reads back, in the number of bytes it said", () => {
  fc.assert(
    fc.property(wholeNumber, (value) => {
      const out = new WireBuffer(1);
      out.varint(value);
      expect(out.length).toBe(varintSize(value));
      expect(Number(protobuf.Reader.create(out.take()).uint64())).toBe(value);
    }),
  );
});

it("writes 64-bit numbers and nanoseconds as BigInt would", () => {
  const view = new DataView(new ArrayBuffer(8));
  fc.assert(
    fc.property(wholeNumber, (value) => {
      setUint64(view, 0, value);
      expect(view.getBigUint64(0, true)).toBe(BigInt(value));
    }),
  );
  fc.assert(
    fc.property(fc.nat({ max: 4_000_000_000_000 }), fc.nat({ max: 1023 }), (unixMs, part) => {
      setUnixNano(view, 0, unixMs + part / 1024);
      const nanos = BigInt(unixMs) * 1_000_000n + BigInt(Math.floor((part / 1024) * 1_000_000));
      // A double resolves about 0.5 microseconds at the far end of this range.
      const error = view.getBigUint64(0, true) - nanos;
      expect(error > -1000n && error < 1000n).toBe(true);
    }),
  );
});

it("grows without losing what it holds, for any mix of pieces", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (pieces) => {
      const out = new WireBuffer(1);
      for (const piece of pieces) out.raw(piece, 0, piece.length);
      expect(Buffer.from(out.take())).toEqual(Buffer.concat(pieces));
    }),
  );
});
