import { MetricDecoder, OTLP_REQUESTS } from "@yunwei/otlp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeV1, encodeV2, type Labels, NOW_MS, type PlainSeries, plainSeries } from "./prometheus-request.test-data.ts";
import { type RemoteWriteVersion, RequestConverter } from "./request-converter.ts";
import { isCounter, ucumOf } from "./series-kind.ts";

/** The host of `host:port`; the whole when there is no port, or when it may be an IPv6 address without brackets. */
function hostOf(instance: string): string {
  const host = /^(.+):\d+$/su.exec(instance)?.[1];
  return host === undefined || (host.includes(":") && !host.endsWith("]")) ? instance : host;
}

type Plain = Record<string, any>;
const OPEN = { id: "t", sha256: "" };
const FIXED = { id: "city", sha256: "", site: "suzhou", department: "portal" };
const encodings: [RemoteWriteVersion, (series: PlainSeries[]) => Uint8Array][] = [
  [1, encodeV1],
  [2, encodeV2],
];
const decode = (body: Uint8Array): Plain =>
  OTLP_REQUESTS.metrics.toObject(OTLP_REQUESTS.metrics.decode(body), { longs: String, arrays: true, bytes: String }) as Plain;
const attributesOf = (pairs: Plain[]): Labels => Object.fromEntries(pairs.map((pair) => [pair["key"], pair["value"].stringValue]));
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const nanos = (ms: number): string => `${BigInt(ms) * 1_000_000n}`;

/** Every number point of an OTLP request, with all it belongs to. */
function pointsOf(body: Uint8Array): Plain[] {
  return decode(body)["resourceMetrics"].flatMap((rm: Plain) =>
    rm["scopeMetrics"].flatMap((sm: Plain) =>
      sm["metrics"].flatMap((metric: Plain) =>
        ((metric["gauge"] ?? metric["sum"])?.dataPoints ?? []).map((point: Plain) => ({
          resource: attributesOf(rm["resource"].attributes),
          name: metric["name"],
          unit: metric["unit"] ?? "",
          description: metric["description"] ?? "",
          sum: metric["sum"] === undefined ? undefined : [metric["sum"].aggregationTemporality, metric["sum"].isMonotonic],
          labels: attributesOf(point["attributes"]),
          time: point["timeUnixNano"],
          start: point["startTimeUnixNano"] ?? "0",
          value: point["asDouble"],
          flags: point["flags"] ?? 0,
          exemplars: point["exemplars"].map((one: Plain) => ({ ...one, filteredAttributes: attributesOf(one["filteredAttributes"]) })),
        })),
      ),
    ),
  );
}

const base64 = (hex: string): string => Buffer.from(hex, "hex").toString("base64");

/** The mapping, said a second time over plain objects. */
function wanted(series: readonly PlainSeries[], version: RemoteWriteVersion, isOpen: boolean): Plain[] {
  return series.flatMap(({ labels, samples = [], exemplars = [], metadata }) => {
    const { __name__: name = "", job, instance, site, department, ...rest } = labels;
    const resource: Plain = {};
    const slash = job?.indexOf("/") ?? -1;
    if (job !== undefined && slash > 0 && slash < job.length - 1) {
      resource["service.namespace"] = job.slice(0, slash);
      resource["service.name"] = job.slice(slash + 1);
    } else if (job !== undefined) resource["service.name"] = job;
    if (instance !== undefined) resource["service.instance.id"] = instance;
    if (instance !== undefined && job === undefined) resource["host.name"] = hostOf(instance);
    if (isOpen && site !== undefined) resource["yunwei.site"] = site;
    if (isOpen && department !== undefined) resource["yunwei.department"] = department;
    const kept = { ...rest, ...(isOpen || site === undefined ? {} : { site }), ...(isOpen || department === undefined ? {} : { department }) };
    const known = version === 2 ? metadata : undefined;
    const rises = isCounter(known?.type ?? 0, utf8(name), 0, utf8(name).length, rest["le"] !== undefined);
    return samples.map((sample, i) => ({
      resource,
      name,
      unit: new TextDecoder().decode(ucumOf(utf8(known?.unit ?? ""))),
      description: known?.help ?? "",
      sum: rises ? [2, true] : undefined,
      labels: kept,
      time: nanos(sample.timestamp),
      start: rises && sample.startTimestamp !== undefined && sample.startTimestamp <= sample.timestamp ? nanos(sample.startTimestamp) : "0",
      value: sample.value,
      flags: 0,
      exemplars: i > 0 ? [] : exemplars.map(wantedExemplar),
    }));
  });
}

function wantedExemplar({ labels, value, timestamp }: { labels: Labels; value: number; timestamp: number }): Plain {
  const { trace_id: trace, span_id: span, ...others } = labels;
  const isId = trace !== undefined && trace.length === 32 && span !== undefined;
  return {
    timeUnixNano: nanos(timestamp),
    asDouble: value,
    ...(isId ? { traceId: base64(trace), spanId: base64(span) } : {}),
    filteredAttributes: isId ? others : labels,
  };
}

describe("remote write becomes OTLP", () => {
  it.each(encodings)("version %i, as the mapping said over protobufjs has it; the decoder behind takes all of it", (version, encode) => {
    const converter = new RequestConverter();
    const decoder = new MetricDecoder();
    fc.assert(
      fc.property(plainSeries, fc.boolean(), (series, isOpen) => {
        const { body, tally } = converter.convert(version, encode(series), isOpen ? OPEN : FIXED, NOW_MS);
        const want = wanted(series, version, isOpen);
        expect(pointsOf(body)).toEqual(want);
        expect([tally.describe(), tally.sent.samples, tally.refused.exemplars]).toEqual([undefined, want.length, 0]);
        decoder.decode(body, { source: "t", site: "", tier: "", department: "", receivedMs: NOW_MS });
        expect([decoder.numbers.count, decoder.rejected, decoder.exemplars.length]).toEqual([want.length, 0, tally.sent.exemplars]);
      }),
      { numRuns: 300 },
    );
  });

  const one = (labels: Labels, extra: object = {}): PlainSeries[] => [{ labels, samples: [{ value: 1, timestamp: NOW_MS, ...extra }] }];

  it.each([
    ["no job: the instance names a host", { instance: "h1:9100" }, { "service.instance.id": "h1:9100", "host.name": "h1" }],
    ["an address with brackets", { instance: "[::1]:9100" }, { "service.instance.id": "[::1]:9100", "host.name": "[::1]" }],
    ["an address without a port", { instance: "fe80::1:22" }, { "service.instance.id": "fe80::1:22", "host.name": "fe80::1:22" }],
    ["a job with a namespace", { job: "shop/cart", instance: "i" }, { "service.namespace": "shop", "service.name": "cart", "service.instance.id": "i" }],
    ["a job that ends in a slash", { job: "shop/" }, { "service.name": "shop/" }],
    ["an empty label is none", { job: "", instance: "" }, {}],
  ])("%s", (_case, labels, resource) => {
    const { body } = new RequestConverter().convert(1, encodeV1(one({ __name__: "up", ...labels })), OPEN, NOW_MS);
    expect(pointsOf(body)[0]!["resource"]).toEqual(resource);
  });

  it("keeps what 1.0 tells of a metric for the requests of the same token that follow", () => {
    const converter = new RequestConverter();
    const kindOf = (token: typeof OPEN, name: string) => {
      const { unit, sum, description } = pointsOf(converter.convert(1, encodeV1(one({ __name__: name })), token, NOW_MS).body)[0]!;
      return [unit, description, sum !== undefined];
    };
    expect(kindOf(OPEN, "reads")).toEqual(["", "", false]);
    const families = [
      { type: 1, metricFamilyName: "reads", help: "read so far", unit: "bytes" },
      { type: 3, metricFamilyName: "latency", unit: "seconds" },
    ];
    expect(converter.convert(1, encodeV1([], families), OPEN, NOW_MS).body.length).toBe(0);
    expect(kindOf(OPEN, "reads")).toEqual(["By", "read so far", true]);
    expect(kindOf(OPEN, "latency_count")).toEqual(["s", "", true]);
    expect(kindOf({ id: "other", sha256: "" }, "reads")).toEqual(["", "", false]);
  });

  it("turns the staleness marker into a point without a value", () => {
    const body = encodeV1(one({ __name__: "up" }, { value: 1.5 }));
    const at = Buffer.from(body).indexOf(Buffer.from([0, 0, 0, 0, 0, 0, 0xf8, 0x3f]));
    Buffer.from(body.buffer, body.byteOffset).writeBigUInt64LE(0x7ff0000000000002n, at);
    expect(pointsOf(new RequestConverter().convert(1, body, OPEN, NOW_MS).body)[0]).toMatchObject({ value: undefined, flags: 1 });
  });

  it.each(encodings)("version %i: gives an exemplar that comes alone to the sample of the same labels, and counts one that finds none", (version, encode) => {
    const exemplars = [{ labels: { trace_id: "ab" }, value: 2, timestamp: NOW_MS }];
    const series = [{ labels: { __name__: "a", x: "1" }, exemplars }, ...one({ __name__: "a", x: "1" }), { labels: { __name__: "a", x: "2" }, exemplars }];
    const { body, tally } = new RequestConverter().convert(version, encode(series), OPEN, NOW_MS);
    expect(pointsOf(body).map((point) => point["exemplars"].length)).toEqual([1]);
    expect([tally.sent.exemplars, tally.refused.exemplars, tally.describe()]).toEqual([2, 1, undefined]);
  });
});

describe("what is not right", () => {
  const at = (timestamp: number, labels: Labels = { __name__: "m" }): PlainSeries => ({ labels, samples: [{ value: 1, timestamp }] });

  it.each<[string, PlainSeries, RegExp]>([
    ["the future", at(NOW_MS + 3_600_000), /metric m: its timestamp is more than 10 min ahead/],
    ["long ago", at(NOW_MS - 30 * 86_400_000), /metric m: its timestamp is older than 13 days/],
    ["before 1970", at(-5), /older than 13 days/],
    ["no time", at(0), /its timestamp is 0/],
    ["no name", at(NOW_MS, { job: "x" }), /a series: it has no label __name__/],
    ["an empty name", at(NOW_MS, { __name__: "" }), /it has no label __name__/],
    ["a label without a name", at(NOW_MS, { __name__: "m", "": "v" }), /metric m: a label without a name/],
    [
      "too many labels",
      at(NOW_MS, Object.fromEntries([["__name__", "m"], ...Array.from({ length: 1001 }, (_, i) => [`l${i}`, "v"])])),
      /more than 1000 labels/,
    ],
  ])("%s is refused with a reason, its neighbour is taken", (_case, bad, reason) => {
    for (const [version, encode] of encodings) {
      const { body, tally } = new RequestConverter().convert(version, encode([bad, at(NOW_MS, { __name__: "good" })]), OPEN, NOW_MS);
      expect(pointsOf(body).map((point) => point["name"])).toEqual(["good"]);
      expect(tally.describe()).toMatch(reason);
      expect(tally.describe()).toMatch(/^1 of 2 samples are refused, the rest is stored/);
    }
  });

  it("a label that comes twice, next to itself or not", () => {
    const label = (name: string) => [0x0a, 2 + name.length + 3, 0x0a, name.length, ...utf8(name), 0x12, 1, 0x76];
    for (const names of [
      ["__name__", "a", "a"],
      ["a", "b", "a", "__name__"],
    ]) {
      const series = [...names.flatMap(label), 0x12, 0];
      const { tally } = new RequestConverter().convert(1, Uint8Array.from([0x0a, series.length, ...series]), OPEN, NOW_MS);
      expect(tally.describe()).toMatch(/a label that comes twice/);
    }
  });

  it.each<[string, RemoteWriteVersion, number[], RegExp]>([
    ["a length past the end", 1, [0x0a, 9, 1], /at byte 2 of 3/],
    ["a symbol that is not there", 2, [0x22, 0, 0x2a, 4, 0x0a, 2, 0, 7], /symbol 7 of 1/],
    ["an odd number of symbols", 2, [0x22, 0, 0x2a, 5, 0x0a, 1, 0, 0x12, 0], /odd length/],
    ["a unit that is not there", 2, [0x22, 0, 0x2a, 4, 0x2a, 2, 0x20, 9], /symbol 9 of 1/],
    ["2.0 said to be 1.0", 1, [0x22, 0], /other version/],
    ["1.0 said to be 2.0", 2, [0x0a, 0], /other version/],
  ])("%s: the whole request is refused", (_case, version, bytes, message) => {
    expect(() => new RequestConverter().convert(version, Uint8Array.from(bytes), OPEN, NOW_MS)).toThrow(message);
  });

  it("bounds what a small request may become", () => {
    const many = { __name__: "m", ...Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`l${i}`, "x".repeat(2000)])) };
    const series: PlainSeries[] = [{ labels: many, samples: Array.from({ length: 1000 }, () => ({ value: 1, timestamp: NOW_MS })) }];
    expect(() => new RequestConverter().convert(2, encodeV2(series), OPEN, NOW_MS)).toThrow(/over 67108864 bytes as OTLP/);
    expect(() =>
      new RequestConverter().convert(
        2,
        new Uint8Array(2_100_000).map((_, i) => (i % 2 === 0 ? 0x22 : 0)),
        OPEN,
        NOW_MS,
      ),
    ).toThrow(/more than 1000000 symbols/);
  });

  it("never fails with anything but its own errors: random bytes, and true requests changed, cut or doubled", () => {
    const converter = new RequestConverter();
    const decoder = new MetricDecoder();
    const attempt = (version: RemoteWriteVersion, bytes: Uint8Array): void => {
      let body: Uint8Array;
      try {
        body = converter.convert(version, bytes, OPEN, NOW_MS).body;
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^YUNWEI_(BODY_INVALID|OTLP_TOO_LARGE)$/) });
        return;
      }
      decoder.decode(body, { source: "t", site: "", tier: "", department: "", receivedMs: NOW_MS });
      expect(decoder.rejected).toBe(0);
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom<RemoteWriteVersion>(1, 2), (bytes, version) => attempt(version, bytes)),
      { numRuns: 5_000 },
    );
    fc.assert(
      fc.property(plainSeries, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(), (series, changes, cut) => {
        for (const [version, encode] of encodings) {
          const body = Uint8Array.from(encode(series));
          for (const [position, byte] of changes) if (body.length > 0) body[position % body.length] = byte;
          attempt(version, body);
          attempt(version, body.subarray(0, cut % (body.length + 1)));
          attempt(version, Buffer.concat([body, body.subarray(0, cut % (body.length + 1))]));
        }
      }),
      { numRuns: 300 },
    );
  });
});
