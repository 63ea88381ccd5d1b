import { otlpJsonToProtobuf, RequestReader, type SpanDecoding } from "@yunwei/otlp";
import { encodeBlock } from "@yunwei/store";
import { describe, expect, it } from "vitest";
import { CallMarks } from "../domain/call-marks.ts";
import { CallTable } from "./call-table.ts";

const START_MS = Date.UTC(2026, 10, 26, 4);
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const identity = { source: "t", site: "", tier: "", department: "", receivedMs: Number.NaN };
const reader = new RequestReader(1);
const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
const id = (number: number, bytes: number): string => number.toString(16).padStart(2 * bytes, "0");
let ids = 0;

/** Calls of service "shop" to these databases: they count at once. */
function calls(peers: readonly string[], startMs: number): SpanDecoding {
  const nanos = `${startMs}000000`;
  const spans = peers.map((peer) => {
    const attributes = [attribute("db.system.name", "postgresql"), attribute("db.namespace", peer), attribute("server.address", peer)];
    return { traceId: id(++ids, 16), spanId: id(ids, 8), name: "q", kind: 3, startTimeUnixNano: nanos, endTimeUnixNano: nanos, attributes };
  });
  const request = { resourceSpans: [{ resource: { attributes: [attribute("service.name", "shop")] }, scopeSpans: [{ spans }] }] };
  return reader.decode("traces", otlpJsonToProtobuf("traces", Buffer.from(JSON.stringify(request))), { ...identity, receivedMs: startMs }) as SpanDecoding;
}

describe("the table of calls when it has met more names than it can tell apart", () => {
  const peers = (from: number, count: number): string[] => Array.from({ length: count }, (_, i) => `db-${from + i}`);
  const open = () => {
    const marks = new CallMarks();
    const table = new CallTable(marks, false, 1, { mostNames: 4 });
    let batch = 0;
    const store = (names: readonly string[], nowMs: number): { rows: number; text: string; marked: number[] } => {
      marks.written(marks.due);
      const { columns } = table.block([calls(names, nowMs)], { stem: `otlp_spans:0:${batch++}`, nowMs });
      const text = Buffer.concat(encodeBlock(columns)).toString("latin1");
      return { rows: columns["calls"]!.rows, text, marked: marks.due.map((minute) => minute - START_MS / MINUTE_MS) };
    };
    store(["db-0"], START_MS - 10 * MINUTE_MS); // the first batch of a partition marks its minutes
    return store;
  };

  it("marks the minutes of those it leaves out, and begins anew with the next batch", () => {
    const store = open();
    const full = store(peers(0, 6), START_MS);
    expect([full.rows, full.marked]).toEqual([4, [0]]);
    expect(full.text).not.toContain("db-4");
    const anew = store(peers(4, 3), START_MS + MINUTE_MS);
    expect([anew.rows, anew.marked]).toEqual([3, []]);
    expect(anew.text).toContain("db-6");
  });

  it("does so once an hour: until then the minutes are counted from the store", () => {
    const store = open();
    store(peers(0, 4), START_MS);
    store(peers(10, 4), START_MS + MINUTE_MS);
    const early = store(peers(20, 2), START_MS + 2 * MINUTE_MS);
    expect([early.rows, early.marked]).toEqual([0, [2]]);
    store(peers(10, 1), START_MS + HOUR_MS);
    expect(store(peers(20, 2), START_MS + HOUR_MS + MINUTE_MS).rows).toBe(2);
  });
});
