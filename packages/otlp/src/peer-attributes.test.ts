import fc from "fast-check";
import { expect, it } from "vitest";
import { otlpJsonToProtobuf } from "./json/otlp-json.ts";
import { OTLP_REQUESTS } from "./json/otlp-root.ts";
import { PEER_KIND } from "./peer-attributes.ts";
import { SpanDecoder } from "./span-decoder.ts";

const identity = { source: "t", site: "", tier: "", department: "", receivedMs: Number.NaN };
const NAMES = [
  "service.peer.name",
  "peer.service",
  "messaging.destination.name",
  "messaging.destination",
  "db.namespace",
  "db.name",
  "server.address",
  "net.peer.name",
  "db.system.name",
  "db.system",
];
const OTHERS = ["messaging.system", "http.route", "db.systen", "server.addresS", "peer.servicf", ""];
const attributes = fc.uniqueArray(
  fc.record({ key: fc.constantFrom(...NAMES, ...OTHERS), value: fc.record({ stringValue: fc.constantFrom("one", "two", "三") }) }),
  { selector: ({ key }) => key, maxLength: 6 },
);

it("names the peer and its kind as a reading of the attributes by protobufjs does, whatever their order", () => {
  const decoder = new SpanDecoder();
  fc.assert(
    fc.property(fc.array(attributes, { maxLength: 5 }), (spans) => {
      const body = otlpJsonToProtobuf(
        "traces",
        Buffer.from(
          JSON.stringify({
            resourceSpans: [{ scopeSpans: [{ spans: spans.map((own) => ({ traceId: "a1".repeat(16), spanId: "b2".repeat(8), attributes: own })) }] }],
          }),
        ),
      );
      decoder.decode(body, identity);
      const request = OTLP_REQUESTS.traces.toObject(OTLP_REQUESTS.traces.decode(body), { arrays: true }) as {
        resourceSpans: { scopeSpans: { spans: { attributes: { key: string; value: { stringValue: string } }[] }[] }[] }[];
      };
      const want = request.resourceSpans[0]!.scopeSpans[0]!.spans.map((span) => {
        const map = new Map(span.attributes.map(({ key, value }) => [key, value.stringValue]));
        const has = (...names: string[]): boolean => names.some((name) => map.has(name));
        const kind = has("db.system.name", "db.system")
          ? PEER_KIND.database
          : has("messaging.system", "messaging.destination.name", "messaging.destination")
            ? PEER_KIND.queue
            : PEER_KIND.untold;
        return [map.get(NAMES.find((name) => map.has(name)) ?? "-") ?? "", kind];
      });
      const got = spans.map((_, row) => [decoder.strings[decoder.spans.peer[row]!], decoder.spans.peerKind[row]]);
      expect(got).toEqual(want);
    }),
    { numRuns: 300 },
  );
});
