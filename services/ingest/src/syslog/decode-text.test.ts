import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeText } from "./decode-text.ts";

it.each<[string, number[], string]>([
  ["UTF-8", [0xe7, 0xab, 0xaf, 0xe5, 0x8f, 0xa3], "端口"],
  ["GBK", [0xb6, 0xcb, 0xbf, 0xda, 0x31], "端口1"],
  ["GB18030 of four bytes", [0x81, 0x39, 0xee, 0x39, 0x41], "\u3400A"],
  ["UTF-8 cut through", [0x61, 0xe7, 0xab, 0xaf, 0xe5, 0x8f], "a端"],
  ["ASCII", [0x61], "a"],
  ["nothing", [], ""],
])("reads %s", (_name, bytes, want) => expect(decodeText(Uint8Array.from(bytes))).toBe(want));

it("gives back every text that came as UTF-8, and a start of it when cut anywhere", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(), (text, cut) => {
      const bytes = Buffer.from(text, "utf8");
      expect(decodeText(bytes)).toBe(text);
      expect(text.startsWith(decodeText(bytes.subarray(0, cut % (bytes.length + 1))))).toBe(true);
    }),
  );
});

it("reads any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(typeof decodeText(bytes)).toBe("string");
    }),
  );
});
