import { OTLP_REQUESTS } from "@yunwei/otlp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gauge, proto } from "../otlp-request.test-data.ts";
import { type DeadLetter, letterOf, mergeLetters, refusedTables, replayMessage } from "./dead-letter.ts";
import { describeLetter } from "./describe-letter.ts";
import { decodeLetter, encodeLetter } from "./letter-file.ts";
import { outlineOf } from "./outline.ts";

const HEADERS = { "yunwei.source": "suzhou", "yunwei.received-ms": "1700000000000", "yunwei.error": "why", "yunwei.stage": "decode", "yunwei.from": "1:42" };
const message = (changes: object = {}) => ({ key: "k", value: Buffer.from([1, 2, 3]), headers: HEADERS, timestampMs: 5, ...changes });
const letter = (value: Uint8Array, changes: Partial<DeadLetter> = {}): DeadLetter => ({ ...letterOf("otlp_metrics", message({ value }))!, ...changes });

describe("a dead letter", () => {
  it("has the headers it came with, without those of its burial", () => {
    expect(letterOf("otlp_metrics", message())).toMatchObject({
      partition: 1,
      offset: 42,
      headers: { "yunwei.source": "suzhou", "yunwei.received-ms": "1700000000000" },
      failures: [{ stage: "decode", error: "why" }],
    });
  });

  it.each([[{}], [{ "yunwei.from": "1" }], [{ "yunwei.from": "-1:2" }], [{ "yunwei.from": "1:2:3" }], [{ "yunwei.from": "1:99999999999999999999" }]])(
    "is none with headers %o",
    (headers) => {
      expect(letterOf("otlp_metrics", message({ headers }))).toBeUndefined();
    },
  );

  it("gathers the tables that refused it, and gives way to another message at its place", () => {
    const one = letter(Buffer.from([1]), { failures: [{ stage: "insert metric_points", error: "a" }] });
    const other = letter(Buffer.from([1]), { failures: [{ stage: "insert metric_5m", error: "b" }] });
    const both = mergeLetters(one, other);
    expect(refusedTables(both)).toEqual(["metric_points", "metric_5m"]);
    expect(mergeLetters(both, other)).toEqual(both);
    const later = letter(Buffer.from([2]));
    expect(mergeLetters(both, later)).toBe(later);
  });

  it("counts its replays in the message, also those of the letter it was before", () => {
    const replays = [
      { atMs: 1, by: "wang", state: "done" },
      { atMs: 2, by: "wang", state: "failed" },
    ] as const;
    expect(replayMessage(letter(Buffer.from([1]), { replays })).headers).toMatchObject({ "yunwei.replayed": "2", "yunwei.source": "suzhou" });
    expect(replayMessage(letter(Buffer.from([1]), { headers: { "yunwei.replayed": "3" } })).headers).toEqual({ "yunwei.replayed": "4" });
  });

  it("comes back from its file as it was, and from no other bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.dictionary(fc.string(), fc.string()), fc.string(), (value, headers, key) => {
        const before = letter(value, { headers, key });
        const back = decodeLetter(encodeLetter(before))!;
        expect({ ...back, headers: { ...back.headers }, value: [...back.value] }).toEqual({ ...before, headers: { ...headers }, value: [...value] });
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => decodeLetter(bytes) === undefined));
    const whole = encodeLetter(letter(Buffer.alloc(100, 7)));
    for (let length = 0; length < whole.length; length++) expect(decodeLetter(whole.subarray(0, length))).toBeUndefined();
  });
});

describe("what is shown of a letter", () => {
  const sound = proto("metrics", gauge("m.one", [{ timeUnixNano: "1700000000000000000", asDouble: 1.5 }]));

  it("is all of a sound one", async () => {
    const { problem, outline, place } = await describeLetter(letter(sound));
    expect([problem, place]).toEqual([undefined, ""]);
    expect(outline).toContain('resourceMetrics[0].scopeMetrics[0].metrics[0].name = "m.one"');
    expect(outline).toContain("resourceMetrics[0].scopeMetrics[0].metrics[0].gauge.dataPoints[0].asDouble = 1.5");
  });

  it("names field and byte of a fault, shows the bytes around it and what is readable before", async () => {
    const name = Buffer.from(sound).indexOf("m.one");
    const broken = Buffer.from(sound);
    broken[name - 1] = 0x7f; // the length of the name
    const { problem, outline, place, faultByte, hex } = await describeLetter(letter(broken));
    expect(problem).toMatch(/longer than what is left at byte \d+/);
    expect(Math.abs(faultByte! - name)).toBeLessThan(3);
    expect(place).toBe("resourceMetrics[0].scopeMetrics[0].metrics[0].name");
    expect(outline[0]).toBe('resourceMetrics[0].resource.attributes[0].key = "host.name"');
    expect(hex.join()).toContain(">");
  });

  it("is something for whatever bytes there are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.constantFrom("gzip", "zstd", "br", ""), async (value, encoding) => {
        const seen = await describeLetter(letter(value, { headers: { "content-encoding": encoding } }));
        expect(seen.hex.length).toBeLessThanOrEqual(8);
      }),
    );
    fc.assert(
      fc.property(fc.nat({ max: sound.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
        const mutated = Uint8Array.from(sound);
        mutated[at] = byte;
        expect(outlineOf(OTLP_REQUESTS.metrics, mutated, at).lines.length).toBeLessThanOrEqual(80);
      }),
    );
  });

  it("stays short: first and last lines of a long one", () => {
    const points = Array.from({ length: 500 }, (_, i) => ({ timeUnixNano: `${i + 1}`, asInt: `${i}` }));
    const { lines, omitted } = outlineOf(OTLP_REQUESTS.metrics, proto("metrics", gauge("long", points)));
    expect([lines.length, omitted > 800]).toEqual([80, true]);
    expect(lines.at(-1)).toMatch(/dataPoints\[499\]/);
    expect(lines[40]).toMatch(/dataPoints\[480\]/);
  });
});
