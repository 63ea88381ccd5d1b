import { gzipSync } from "node:zlib";
import type { Signal } from "@yunwei/schemas";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { otlpJsonToProtobuf } from "./json/otlp-json.ts";
import { RequestReader } from "./request-reader.ts";

const identity = { source: "t", site: "", tier: "", department: "", receivedMs: Number.NaN };
const request = (value: number, name = "m"): Uint8Array =>
  otlpJsonToProtobuf(
    "metrics",
    Buffer.from(
      JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name, gauge: { dataPoints: [{ timeUnixNano: "1", asDouble: value }] } }] }] }] }),
    ),
  );
const large = (bytes: number): Uint8Array =>
  otlpJsonToProtobuf("logs", Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: "x".repeat(bytes) } }] }] }] })));

const sent = (signal: Signal, value: Uint8Array, contentEncoding = "") => ({ signal, value, contentEncoding, identity });

describe("RequestReader", () => {
  it("gives readers what the door has decoded, as often as they are, and later requests leave it as it is", async () => {
    const reader = new RequestReader(2, { handsOn: true });
    const value = gzipSync(request(1));
    const decoded = reader.decode("metrics", request(1), identity);
    reader.remember(sent("metrics", value), decoded);
    reader.decode("metrics", request(2), identity);
    expect(await reader.read("metrics", value, "gzip", identity)).toBe(decoded);
    expect(await reader.read("metrics", value, "gzip", identity)).toBe(decoded);
    const again = await reader.read("metrics", value, "gzip", identity);
    expect(again).not.toBe(decoded);
    expect([decoded, again].map(({ numbers }) => [...numbers.value])).toEqual([[1], [1]]);
    expect(again.series).toBe(decoded.series);
    expect(reader.readAgain).toBe(1);
  });

  it("knows a message again by its bytes and its sender, where the bus does not hand on what was published", async () => {
    const other = { ...identity, receivedMs: 1, department: "other" };
    const own = { ...identity, receivedMs: 1 };
    const reader = new RequestReader(3);
    const value = gzipSync(request(1));
    const decoded = reader.decode("metrics", request(1), own);
    reader.remember({ signal: "metrics", value, contentEncoding: "gzip", identity: own }, decoded);
    expect(await reader.read("metrics", Buffer.from(value), "gzip", { ...own })).toBe(decoded);
    expect((await reader.read("metrics", value.subarray(), "gzip", other)).resources.at(-1)?.department).toBe("other");
    const invalid = { code: "YUNWEI_OTLP_INVALID" };
    await expect(reader.read("logs", Buffer.from(value), "gzip", own)).rejects.toMatchObject(invalid);
    await expect(reader.read("metrics", Buffer.from(value), "", own)).rejects.toMatchObject(invalid);
    const redelivered = await reader.read("metrics", Buffer.from(value), "gzip", own);
    expect([redelivered, await reader.read("metrics", Buffer.from(value), "gzip", own)]).toEqual([decoded, decoded]);
    expect(await reader.read("metrics", Buffer.from(value), "gzip", own)).not.toBe(decoded);
  });

  it("lets no door wait for readers that may be elsewhere", async () => {
    const reader = new RequestReader(2);
    const body = large(1024 * 1024);
    for (let i = 0; i < 300; i++) reader.remember(sent("logs", Uint8Array.from([i, i >>> 8])), reader.decode("logs", body, identity));
    await reader.room(2 ** 31 - 1);
  });

  it("lets go what nobody comes for, in half a minute or so", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
    try {
      const reader = new RequestReader(1, { handsOn: true });
      const take = () => {
        const value = request(1);
        const decoded = reader.decode("metrics", value, identity);
        reader.remember(sent("metrics", value), decoded);
        return { value, decoded };
      };
      const early = take();
      vi.advanceTimersByTime(29_000);
      const late = take();
      vi.advanceTimersByTime(30_000);
      expect(await reader.read("metrics", late.value, "", identity)).toBe(late.decoded);
      expect(await reader.read("metrics", early.value, "", identity)).not.toBe(early.decoded);
      vi.advanceTimersByTime(60_000);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("begins a full catalogue anew, an hour after its beginning at the earliest; columns that were read before stay as they are", async () => {
    let nowMs = 1_000;
    let restarts = 0;
    const guard = { admit: () => true, restart: () => restarts++ };
    const reader = new RequestReader(2, { handsOn: true, maxSeries: 2, nowMs: () => nowMs, guard });
    const take = (name: string) => reader.decode("metrics", request(1, name), identity);
    const [first, second] = [take("a"), take("b")];
    const value = request(1, "b");
    reader.remember(sent("metrics", value), second);
    nowMs += 3_599_999;
    const refused = take("c");
    expect(refused).toMatchObject({ rejected: 1, problem: "metric c: too many series in this process" });
    expect([refused.series, restarts]).toEqual([first.series, 0]);
    nowMs++;
    const third = take("c");
    expect(third).toMatchObject({ rejected: 0, numbers: { count: 1 } });
    expect([third.series.map(({ metric }) => metric), first.series.map(({ metric }) => metric), restarts]).toEqual([["c"], ["a", "b"], 1]);
    const again = await reader.read("metrics", value, "", identity);
    expect([again.series, again.resources]).toEqual([third.series, third.resources]);
    const straggler = request(1, "b");
    reader.remember(sent("metrics", straggler), second); // decoded before, published after
    expect((await reader.read("metrics", straggler, "", identity)).series).toBe(third.series);
    expect([take("a").rejected, take("b").series]).toEqual([1, third.series]);
  });

  it("lets the oldest go when much is kept, and a door wait until readers have caught up", async () => {
    const reader = new RequestReader(1, { handsOn: true });
    const body = large(1024 * 1024);
    const values = Array.from({ length: 300 }, () => Uint8Array.from(body));
    const kept = values.map((value) => {
      const decoded = reader.decode("logs", value, identity);
      reader.remember(sent("metrics", value), decoded);
      return decoded;
    });
    await reader.room(1);
    let hasRoom = false;
    const room = reader.room(2 ** 31 - 1).then(() => {
      hasRoom = true;
    });
    expect(await reader.read("logs", values[0]!, "", identity)).not.toBe(kept[0]);
    expect(await reader.read("logs", values[150]!, "", identity)).toBe(kept[150]);
    expect(hasRoom).toBe(false);
    for (const value of values.slice(151)) await reader.read("logs", value, "", identity);
    await room;
    expect(hasRoom).toBe(true);
  });

  describe("memory", () => {
    const body = large(100_000);
    const gzip = () => gzipSync(body);
    const isWhole = (decoded: { body: Uint8Array; logs: { timeMs: Float64Array } }): boolean =>
      Buffer.from(decoded.body).equals(body) && decoded.logs.timeMs.length === 1;

    it("is given back when the last reader has released the columns", async () => {
      const reader = new RequestReader(2, { handsOn: true });
      const [value, plain] = [gzip(), Uint8Array.from(body)];
      reader.remember(sent("logs", value, "gzip"), reader.decode("logs", plain, identity), plain);
      const [one, other] = [await reader.read("logs", value, "gzip", identity), await reader.read("logs", value, "gzip", identity)];
      reader.release(one);
      expect([isWhole(other), plain.length]).toEqual([true, body.length]);
      reader.release(other);
      expect([other.body.length, plain.buffer.byteLength]).toEqual([0, 0]);
    });

    it("is given back at once where no column points into the request, or nobody will read it", () => {
      const points = Buffer.from(JSON.stringify({ dataPoints: Array.from({ length: 1000 }, (_, i) => ({ timeUnixNano: "1", asDouble: i })) }));
      const metrics = otlpJsonToProtobuf("metrics", Buffer.from(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":${points}}]}]}]}`));
      const reader = new RequestReader(2, { handsOn: true });
      const plain = Uint8Array.from(metrics);
      const decoded = reader.decode("metrics", plain, identity);
      reader.remember(sent("metrics", gzipSync(metrics), "gzip"), decoded, plain);
      expect([plain.length, decoded.numbers.value[999]]).toEqual([0, 999]);
      const door = new RequestReader(0);
      const [first, second] = [Uint8Array.from(body), Uint8Array.from(body)];
      for (const each of [first, second]) door.remember(sent("logs", new Uint8Array(1)), door.decode("logs", each, identity), each);
      expect([first.length, second.length]).toEqual([0, 0]);
      expect(door.decode("logs", body, identity).logs.count).toBe(1);
    });

    it("is that of a small request too, which is inflated into a larger piece, and never that of a message", async () => {
      const reader = new RequestReader(1);
      const small = await reader.read("logs", gzipSync(large(10)), "gzip", identity);
      reader.release(small);
      expect(small.body.length).toBe(0);
      const value = Uint8Array.from(body);
      reader.release(await reader.read("logs", value, "", identity));
      expect(Buffer.from(value).equals(body)).toBe(true);
    });

    it.each([true, false])("stays for whoever has not released it, whatever is read again, forgotten or released meanwhile; hands on: %s", (handsOn) =>
      fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.nat(2), fc.constantFrom("publish", "read", "release")), { maxLength: 40 }), async (steps) => {
          const reader = new RequestReader(2, { handsOn });
          // Two of the same bytes, sender and time, as a retry publishes them: without handing on they are one.
          const values = [gzip(), gzip(), gzipSync(body, { level: 1 })];
          const known = { ...identity, receivedMs: Date.now() };
          const held = values.map(() => [] as Awaited<ReturnType<typeof reader.read<"logs">>>[]);
          for (const [which, what] of steps) {
            const value = values[which]!;
            if (what === "publish") {
              const plain = Uint8Array.from(body);
              reader.remember({ ...sent("logs", value, "gzip"), identity: known }, reader.decode("logs", plain, known), plain);
            } else if (what === "read") held[which]!.push(await reader.read("logs", handsOn ? value : Buffer.from(value), "gzip", { ...known }));
            else {
              const released = held[which]!.shift();
              if (released !== undefined) reader.release(released);
            }
            expect(held.flat().every(isWhole)).toBe(true);
          }
        }),
        { numRuns: 50 },
      ),
    );
  });
});
