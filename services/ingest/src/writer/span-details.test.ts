import { SpanDecoder } from "@yunwei/otlp";
import { StringColumn } from "@yunwei/store";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { proto } from "../otlp-request.test-data.ts";
import { JsonBytes } from "./json-bytes.ts";
import { SpanDetails } from "./span-details.ts";

const identity = { source: "t", site: "", tier: "", department: "", receivedMs: Number.NaN };
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.constantFrom('"', "\\", "\n\t\r\b\f", "\u0001\u007f", "\u2028", "数据库死锁"),
);
const scalar = fc.oneof(
  text.map((stringValue) => ({ sent: { stringValue }, kept: stringValue })),
  fc.boolean().map((boolValue) => ({ sent: { boolValue }, kept: String(boolValue) })),
  fc.maxSafeInteger().map((value) => ({ sent: { intValue: String(value) }, kept: String(value) })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((doubleValue) => ({ sent: { doubleValue }, kept: JSON.stringify(doubleValue) })),
  fc
    .array(text, { maxLength: 3 })
    .map((list) => ({ sent: { arrayValue: { values: list.map((stringValue) => ({ stringValue })) } }, kept: JSON.stringify(list) })),
);
const hex = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString("hex"));
const attributes = fc.array(fc.record({ key: fc.oneof(text, fc.constantFrom("a", "b", "__proto__", "1")), value: scalar }), { maxLength: 6 });
const event = fc.record({ timeUnixNano: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), name: text, attributes });
const link = fc.record({ traceId: hex(16), spanId: hex(8), attributes });

type Sketch = { readonly key: string; readonly value: { readonly sent: object; readonly kept: string } };
const sent = (pairs: readonly Sketch[]) => pairs.map(({ key, value }) => ({ key, value: value.sent }));
/** The object of the last value of each key, in the order of first sight, as JSON. */
const kept = (pairs: readonly Sketch[]): string =>
  `{${[...new Map(pairs.map(({ key, value }) => [key, value.kept]))].map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`;

/** What is stored of a span with these events and links. */
function stored(events: readonly object[], links: readonly object[]): string[] {
  const decoder = new SpanDecoder();
  decoder.decode(
    proto("traces", { resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: "1".repeat(32), spanId: "1".repeat(16), events, links }] }] }] }),
    identity,
  );
  const { spans, slices, wire } = decoder;
  const details = new SpanDetails();
  const [ofEvents, ofLinks] = [new StringColumn(), new StringColumn()];
  details.events(ofEvents, wire, slices, spans.eventsFrom[0]!, spans.eventsTo[0]!);
  details.links(ofLinks, wire, slices, spans.linksFrom[0]!, spans.linksTo[0]!);
  return [ofEvents, ofLinks].map(onlyText);
}

/** The text of the only row. */
function onlyText(column: StringColumn): string {
  expect(column.rows).toBe(1);
  const [bytes] = column.pieces();
  let [length, at] = [0, 0];
  for (let shift = 0; ; shift += 7) {
    const byte = bytes![at++]!;
    length |= (byte & 127) << shift;
    if (byte < 128) break;
  }
  expect(bytes!.length - at).toBe(length);
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes!.subarray(at));
}

describe("SpanDetails", () => {
  it("writes events and links as JSON.stringify would, whatever their texts are", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 3 }), fc.array(link, { maxLength: 3 }), (events, links) => {
        const [ofEvents, ofLinks] = stored(
          events.map((one) => ({ ...one, timeUnixNano: String(one.timeUnixNano), attributes: sent(one.attributes) })),
          links.map((one) => ({ ...one, attributes: sent(one.attributes) })),
        );
        const list = (parts: readonly string[]): string => (parts.length === 0 ? "" : `[${parts.join()}]`);
        expect(ofEvents).toBe(
          list(
            events.map(
              ({ timeUnixNano, name, attributes }) => `{"timeUnixNano":"${timeUnixNano}","name":${JSON.stringify(name)},"attributes":${kept(attributes)}}`,
            ),
          ),
        );
        expect(ofLinks).toBe(
          list(links.map(({ traceId, spanId, attributes }) => `{"traceId":"${traceId}","spanId":"${spanId}","attributes":${kept(attributes)}}`)),
        );
      }),
      { numRuns: 500 },
    );
  });

  it("keeps the last value of a key that comes twice, also among very many", () => {
    const many = Array.from({ length: 5_000 }, (_, i) => ({ key: `k${i % 2_500}`, value: { intValue: String(i) } }));
    const [events] = stored([{ name: "e", attributes: many }], []);
    const [{ attributes }] = JSON.parse(events!) as [{ attributes: Record<string, string> }];
    expect(Object.keys(attributes)).toHaveLength(2_500);
    expect(attributes["k7"]).toBe("2507");
  });
});

describe("JsonBytes", () => {
  it("writes texts that are not UTF-8 with U+FFFD", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const json = new JsonBytes();
        json.raw(new Uint8Array([0x5b]));
        json.utf8(bytes, 0, bytes.length);
        expect(Buffer.from(json.bytes.subarray(1, json.length)).toString()).toBe(JSON.stringify(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)));
      }),
    );
  });

  it("keeps a byte order mark, whether or not the rest is UTF-8", () => {
    for (const rest of [[0x61], [0xff]]) {
      const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, ...rest);
      const json = new JsonBytes();
      json.utf8(bytes, 0, bytes.length);
      expect(Buffer.from(json.bytes.subarray(0, json.length)).toString()).toBe(`"\ufeff${rest[0] === 0xff ? "\ufffd" : "a"}"`);
    }
  });

  it("grows with what is written", () => {
    const json = new JsonBytes();
    const long = "\u0000".repeat(100_000);
    json.utf8(Buffer.from(long), 0, long.length);
    json.text(long);
    expect(JSON.parse(`[${Buffer.from(json.bytes.subarray(0, json.length)).toString().replace('""', '","')}]`)).toEqual([long, long]);
  });
});
