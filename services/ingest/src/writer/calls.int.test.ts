import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { otlpJsonToProtobuf, RequestReader, type SpanDecoding } from "@yunwei/otlp";
import { createLogger } from "@yunwei/service-kit";
import {
  callRows,
  encodeBlock,
  markCallMinutes,
  migrateStore,
  noteCallRepair,
  openEmbeddedStore,
  pendingCallMinutes,
  repairCallMinute,
  type Store,
} from "@yunwei/store";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CallRepair } from "./call-repair.ts";
import { rowsOf, spanSignal } from "./signal-tables.ts";

const START_MS = Date.UTC(2026, 10, 26, 4);
const MINUTE_MS = 60_000;
const START_MINUTE = START_MS / MINUTE_MS;
const identity = { source: "t", site: "", tier: "", department: "", receivedMs: Number.NaN };
const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
const id = (number: number, bytes: number): string => number.toString(16).padStart(2 * bytes, "0");

let folder: string;
let store: Store;
let nowMs = START_MS;
let batches = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei-calls-"));
  store = await openEmbeddedStore({ folder });
  await migrateStore(store, fileURLToPath(new URL("../../../../schemas/clickhouse", import.meta.url)));
  await store.command("SYSTEM STOP TTL MERGES"); // the days here are fixed, the engine's clock goes on
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  for (const table of ["spans", "service_edges_1m", "call_repairs", "ingest_cuts", "retention_drops"]) await store.command(`TRUNCATE TABLE ${table}`);
  nowMs = START_MS;
});

interface Sketch {
  readonly service: string;
  readonly site: string;
  readonly span: Record<string, unknown>;
}

function sketch(
  service: string,
  site: string,
  trace: number,
  span: number,
  parent: number,
  kind: number,
  startMs: number,
  more: Record<string, unknown> = {},
): Sketch {
  const nanos = (ms: number): string => `${BigInt(Math.round(ms * 1000)) * 1000n}`;
  const own = { traceId: id(trace, 16), spanId: id(span, 8), parentSpanId: parent === 0 ? "" : id(parent, 8), name: "n", kind };
  return { service, site, span: { ...own, startTimeUnixNano: nanos(startMs), endTimeUnixNano: nanos(startMs + 7.25 * span), ...more } };
}

/** One life of a writer: its memory is lost with it. */
function openLife(amongOthers = false) {
  const repair = new CallRepair({ store, logger: createLogger("test", "silent"), nowMs: () => nowMs });
  const reader = new RequestReader(1);
  const signal = spanSignal(store, () => nowMs, repair, amongOthers);
  const read = (spans: readonly Sketch[]): SpanDecoding =>
    reader.decode(
      "traces",
      otlpJsonToProtobuf(
        "traces",
        Buffer.from(
          JSON.stringify({
            resourceSpans: spans.map(({ service, site, span }) => ({
              resource: { attributes: [attribute("service.name", service), attribute("yunwei.site", site)] },
              scopeSpans: [{ spans: [span] }],
            })),
          }),
        ),
      ),
      identity,
    );
  return {
    repair,
    /** As the writer does it. @param dies - after so many of its steps */
    async take(spans: readonly Sketch[], stem = `otlp_spans:0:${batches++}-0@1`, dies = 9): Promise<void> {
      const messages = [{ decoded: read(spans), receivedMs: nowMs }];
      const insert = async (block: { table: string; columns: Record<string, any> }) => {
        if (rowsOf(block) > 0)
          await store.insertNative(block.table, Object.keys(block.columns), encodeBlock(block.columns), { token: `${stem}:${block.table}` });
      };
      if (dies > 0) for (const block of signal.blocks(messages).filter(({ table }) => table === "spans")) await insert(block);
      const joined = signal.joined!(messages, stem);
      if (dies > 1) for (const block of joined) await insert(block);
      if (dies > 2) await signal.settle!();
    },
  };
}

const sums = () =>
  store.query(
    `SELECT department, site, tier, toUnixTimestamp(t) AS at, src, dst, toString(dst_kind) AS kind, dst_site, toInt64(sum(calls)) AS n, sum(errors) AS e, sum(duration_sum_us) AS us
     FROM service_edges_1m GROUP BY ALL HAVING n != 0 ORDER BY ALL`,
  );

const repairAll = async (minutes: number): Promise<void> => {
  for (let minute = START_MINUTE; minute < START_MINUTE + minutes; minute++) await repairCallMinute(store, { minute, markedMs: batches++ });
};

const services = fc.constantFrom("a", "b", "c");
const sites = fc.constantFrom("x", "core");
const peer = fc.constantFrom(
  [],
  [attribute("service.peer.name", "b")],
  [attribute("db.system.name", "mysql"), attribute("db.namespace", "orders")],
  [attribute("db.system", "redis")],
  [attribute("messaging.system", "kafka"), attribute("messaging.destination.name", "topic")],
  [attribute("server.address", "10.1.1.1")],
);
const generated = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 1, max: 200 }),
    trace: fc.integer({ min: 1, max: 4 }),
    parent: fc.nat(200),
    kind: fc.integer({ min: 1, max: 5 }),
    service: services,
    site: sites,
    // Two minutes: a callee that begins over a minute before its caller is not looked for.
    offsetMs: fc.nat(119_000),
    failed: fc.boolean(),
    peer,
    links: fc.array(fc.record({ trace: fc.integer({ min: 1, max: 4 }), span: fc.integer({ min: 1, max: 200 }) }), { maxLength: 3 }),
  }),
  { selector: (one) => one.id, maxLength: 120, minLength: 20 },
);

describe("calls counted from the stored spans", () => {
  it("are those that the writer has counted as they came, whatever traces came in whatever batches; lost or doubled counts are mended", async () => {
    await fc.assert(
      fc.asyncProperty(generated, fc.integer({ min: 1, max: 40 }), async (spans, batch) => {
        for (const table of ["spans", "service_edges_1m"]) await store.command(`TRUNCATE TABLE ${table}`);
        nowMs = START_MS;
        const life = openLife();
        const sketches = spans.map((one) =>
          sketch(one.service, one.site, one.trace, one.id, one.parent, one.kind, START_MS + one.offsetMs + 0.123, {
            attributes: one.peer,
            links: one.links.map(({ trace, span }) => ({ traceId: id(trace, 16), spanId: id(span, 8) })),
            status: { code: one.failed ? 2 : 0 },
          }),
        );
        for (let at = 0; at < sketches.length; at += batch) await life.take(sketches.slice(at, at + batch));
        for (const waited of [30_000, 100_000]) {
          nowMs = START_MS + waited;
          await life.take([]);
        }
        const counted = await sums();
        await repairAll(3);
        expect(await sums()).toEqual(counted);
        await store.command("TRUNCATE TABLE service_edges_1m");
        await repairAll(3);
        expect(await sums()).toEqual(counted);
        await store.command(
          "INSERT INTO service_edges_1m SELECT department, site, tier, t, src, dst, 'external', 'elsewhere', 3, 1, 55, 5 FROM service_edges_1m",
        );
        await repairAll(3);
        expect(await sums()).toEqual(counted);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });
});

const pair = (trace: number, startMs: number) => ({
  caller: sketch("a", "x", trace, 1, 0, 3, startMs, { attributes: [attribute("service.peer.name", "bank")] }),
  callee: sketch("b", "core", trace, 2, 1, 2, startMs + 1),
});

describe("calls over a crash", () => {
  /** What is there when everything has become quiet. */
  const finalSums = async (life: ReturnType<typeof openLife>): Promise<(string | number)[][]> => {
    for (const waited of [60_000, 120_000]) {
      nowMs += waited;
      await life.take([]);
    }
    nowMs += 10 * MINUTE_MS;
    await life.repair.repairPending();
    return (await sums()).map((row) => [String(row["src"]), String(row["dst"]), String(row["kind"]), Number(row["n"])]);
  };
  const cut = (stem: string) =>
    store.insertRows("ingest_cuts", [{ at: Math.floor(nowMs / 1000), topic: "otlp_spans", part: 0, first_off: stem, first_ms: "1", last_off: "9" }]);

  it.each([0, 1, 2, 3])(
    "are counted once when one end came before it and the other after it, and the process died after step %i of the batch",
    async (dies) => {
      const before = openLife();
      await before.repair.start();
      const whole = pair(1, nowMs - 500);
      const torn = pair(2, nowMs - 400);
      await cut("0");
      await before.take([whole.caller, torn.caller], "otlp_spans:0:0-9@1");
      nowMs += 1000;
      await cut("10");
      await before.take([whole.callee], "otlp_spans:0:10-19@1", dies);
      const after = openLife();
      await after.repair.start();
      nowMs += 2000;
      await after.take([whole.callee], "otlp_spans:0:10-19@1");
      await after.take([torn.callee], "otlp_spans:0:20-29@1");
      expect(await finalSums(after)).toEqual([["a", "b", "service", 2]]);
      await before.repair.close();
      await after.repair.close();
    },
  );

  it("are counted by the name of their peer when the process died while they waited, and nothing else comes of that time", async () => {
    const before = openLife();
    await cut("0");
    await before.take([pair(1, nowMs - 500).caller], "otlp_spans:0:0-9@1");
    await before.take([pair(2, nowMs + 60_000).caller], "otlp_spans:0:10-19@1");
    nowMs += 5 * MINUTE_MS;
    const after = openLife();
    await after.repair.start();
    await after.take([pair(3, nowMs).caller], "otlp_spans:0:20-29@1");
    expect(await finalSums(after)).toEqual([1, 1, 1].map((n) => ["a", "bank", "external", n]));
    await after.repair.close();
  });

  it("are counted when the callee's city was cut off for hours", async () => {
    const life = openLife();
    const { caller, callee } = pair(1, nowMs - 500);
    await life.take([], "otlp_spans:0:0-0@1");
    await life.take([caller]);
    nowMs += 3 * 3_600_000;
    await life.take([callee]);
    expect(await finalSums(life)).toEqual([["a", "b", "service", 1]]);
  });

  it("are counted once when a late batch is taken while the minute is being mended, and when a batch is tried again", async () => {
    const life = openLife();
    const { caller, callee } = pair(1, nowMs - 40_000);
    await life.take([caller], "otlp_spans:0:0-9@1");
    await life.take([caller], "otlp_spans:0:0-9@1");
    nowMs += 10 * MINUTE_MS;
    await life.repair.repairPending();
    await life.take([callee], "otlp_spans:0:10-19@1", 1);
    await life.take([callee], "otlp_spans:0:10-19@1");
    expect(await finalSums(life)).toEqual([["a", "b", "service", 1]]);
  });

  it("are counted when two processes have taken one end each", async () => {
    const [one, other] = [openLife(true), openLife(true)];
    const { caller, callee } = pair(1, nowMs - 500);
    await one.take([], "otlp_spans:0:0-0@1");
    await other.take([], "otlp_spans:1:0-0@1");
    await one.take([caller], "otlp_spans:0:1-9@1");
    await other.take([callee], "otlp_spans:1:1-9@1");
    nowMs += 60_000;
    await one.take([], "otlp_spans:0:10-10@1");
    await other.take([], "otlp_spans:1:10-10@1");
    expect(await finalSums(one)).toEqual([["a", "b", "service", 1]]);
  });

  it("are known at once when a database is called, and taken back when the database has spans itself", async () => {
    const life = openLife();
    const call = (trace: number) =>
      sketch("a", "x", trace, 1, 0, 3, START_MS, { attributes: [attribute("db.system", "redis"), attribute("db.namespace", "sessions")] });
    const graph = async () => (await callRows(store, START_MS)).map(({ src, dst, dstKind, calls }) => [src, dst, dstKind, calls]);
    await life.take([call(1)]);
    expect(await graph()).toEqual([["a", "sessions", "database", 1]]);
    await life.take([sketch("b", "core", 1, 2, 1, 2, START_MS)]);
    expect(await graph()).toEqual([["a", "b", "service", 1]]);
    expect(await finalSums(life)).toEqual([["a", "b", "service", 1]]);
  });

  it("mends nothing of a minute that is still open, that was mended for its last mark, or whose spans were dropped", async () => {
    const minute = START_MINUTE;
    await markCallMinutes(store, [minute, minute + 10], START_MS);
    const pending = async (atMs: number) => (await pendingCallMinutes(store, atMs, 10)).map((one) => one.minute - START_MINUTE);
    expect(await pending(START_MS + 5 * MINUTE_MS)).toEqual([]);
    expect(await pending(START_MS + 7 * MINUTE_MS)).toEqual([0]);
    expect(await pending(START_MS + 17 * MINUTE_MS)).toEqual([0, 10]);
    await noteCallRepair(store, { minute, markedMs: START_MS });
    expect(await pending(START_MS + 17 * MINUTE_MS)).toEqual([10]);
    await markCallMinutes(store, [minute], START_MS + 17 * MINUTE_MS);
    expect(await pending(START_MS + 18 * MINUTE_MS)).toEqual([10]);
    expect(await pending(START_MS + 20 * MINUTE_MS)).toEqual([0, 10]);
    await store.insertRows("retention_drops", [{ at: (START_MS / 1000).toFixed(3), table: "spans", day: "2026-11-26" }]);
    expect(await pending(START_MS + 20 * MINUTE_MS)).toEqual([]);
  });
});
