import { describe, expect, it } from "vitest";
import { informative } from "./bench-row.ts";
import { causeRows } from "./causes/causes-bench.ts";
import { decodeBench } from "./decode/decode-bench.ts";
import { GOAL_NAMES, goalRow, inTableOrder } from "./ingest/goals.ts";
import { kafkaRows } from "./ingest/kafka-part.ts";
import { queryRows } from "./ingest/query/query-part.ts";
import { signalRows } from "./ingest/signal-part.ts";
import { sustainedRows } from "./ingest/sustained-part.ts";
import { latencyRows } from "./latency/latency-bench.ts";
import { median } from "./median.ts";
import { restRows } from "./rest/rest-bench.ts";

const figureOf = (rows: readonly { name: string; value: number }[], name: string): number => rows.find((row) => row.name === name)!.value;

describe("signalRows", () => {
  it("compares CPU an item within a turn, whatever the amounts, and takes the middle turn", () => {
    const work = (items: number, cpuSeconds: number) => ({ items, seconds: 4, cpuSeconds });
    const rows = signalRows("traces", {
      product: [work(1_000_000, 5), work(1_000_000, 10), work(1_000_000, 4)],
      common: [work(100_000, 10), work(100_000, 10), work(100_000, 10)],
      engine: [work(1_000_000, 2), work(1_000_000, 2), work(1_000_000, 2)],
    });
    expect(figureOf(rows, "spans.cpu_vs_common")).toBeCloseTo(20, 9);
    expect(rows.find(({ name }) => name === "spans.vs_engine")).toMatchObject({ target: ">= 0.45", holds: false });
    expect(figureOf(rows, "spans.vs_engine")).toBeCloseTo(0.4, 9);
    expect(figureOf(rows, "spans.per_second")).toBe(250_000);
    expect(figureOf(rows, "spans.per_cpu_second")).toBeCloseTo(200_000, 3);
  });
});

describe("kafkaRows", () => {
  it("compares rates by the clock on the wall", () => {
    const rows = kafkaRows([{ items: 80, seconds: 1, cpuSeconds: 2 }], [{ items: 100, seconds: 1, cpuSeconds: 1 }]);
    expect(rows[0]).toMatchObject({ name: "kafka_vs_embedded", value: 0.8, holds: true });
    expect(figureOf(rows, "kafka.per_cpu_second")).toBe(40);
  });
});

describe("sustainedRows", () => {
  it("says how long it was, and how memory went in the second half", () => {
    const work = { items: 100, seconds: 1, cpuSeconds: 1 };
    const samples = Array.from({ length: 9 }, (_, i) => [i / 2, i < 4 ? 1000 * i : 4000 + 10 * i] as const);
    const rows = sustainedRows({ ...work, items: 200 }, work, samples, 4);
    expect(rows[0]).toMatchObject({ name: "sustained", value: 0.5, unit: "x (4 min)", holds: false });
    expect(figureOf(rows, "sustained.rss_slope")).toBeCloseTo(20, 9);
  });
});

describe("queryRows", () => {
  it("takes the middle under load", () => {
    const rows = queryRows({ series24h: [1], sites7d: [2] }, { series24h: [4, 9, 30], sites7d: [5, 16, 20] }, 1000, "11 M points");
    expect(rows[0]).toMatchObject({ name: "query.series_24h_ms", value: 9, unit: "ms (11 M points)", holds: true });
    expect(rows[1]).toMatchObject({ value: 16, holds: false });
  });
});

describe("goals", () => {
  it("are those of issue 6 by name, in its order, before what is only informative", () => {
    expect(GOAL_NAMES).toHaveLength(18);
    expect(() => goalRow("traces.bytes", 1)).toThrow(/not a figure/);
    const rows = inTableOrder([informative("x", 1, "1"), goalRow("sustained", 1), goalRow("logs.bytes", Number.NaN)]);
    expect(rows.map(({ name, holds }) => [name, holds])).toEqual([
      ["logs.bytes", false],
      ["sustained", true],
      ["x", null],
    ]);
  });
});

describe("latencyRows", () => {
  it("leaves out of the medians what never happened", () => {
    const at = (simulated: number) => ({ simulated, wall: 1 });
    const rows = latencyRows([
      { fault: "cpu", right: true, firingAlert: at(30), namedCause: at(60), notification: at(75) },
      { fault: "db-lock", right: false, firingAlert: at(90), namedCause: undefined, notification: undefined },
    ]);
    expect(figureOf(rows, "db-lock.to_named_cause")).toBeNaN();
    expect(figureOf(rows, "median.to_firing_alert")).toBe(90);
    expect(figureOf(rows, "median.to_named_cause")).toBe(60);
    expect(rows.at(-1)).toMatchObject({ name: "right_causes", value: 0.5, holds: false });
  });
});

describe("causeRows", () => {
  it("counts healthy estates apart from broken ones", () => {
    const rows = causeRows([
      { fault: "cpu", seed: 1, right: true },
      { fault: "cpu", seed: 2, right: false },
      { fault: "surge", seed: 1, right: true },
    ]);
    expect([figureOf(rows, "cpu.right"), figureOf(rows, "faults.right"), figureOf(rows, "no_fault.none_named")]).toEqual([0.5, 0.5, 1]);
    expect(rows.find((row) => row.name === "faults.right")?.holds).toBe(false);
  });
});

describe("restRows", () => {
  it("tells memory in MiB and CPU in percent of a core", () => {
    const memory = { rssBytes: 100 * 2 ** 20, pssBytes: 80 * 2 ** 20, processes: 1 };
    const rows = restRows({
      own: memory,
      all: { ...memory, processes: 7 },
      idleCpuRatio: 0.02,
      coldStartSeconds: 5,
      warmStartSeconds: 2,
      installBytes: 2 ** 30,
      dataBytes: 2 ** 20,
    });
    expect(figureOf(rows, "process.rss")).toBe(100);
    expect(figureOf(rows, "idle_cpu")).toBe(2);
    expect(figureOf(rows, "install")).toBe(1024);
  });
});

describe("decodeBench", () => {
  it("gives a ratio a signal", async () => {
    const rows = await decodeBench.run({ short: true, tell: () => undefined });
    expect(rows.filter(({ unit }) => unit === "x").map(({ name }) => name)).toEqual(
      ["metrics", "logs", "spans"].map((signal) => `${signal}.decode_vs_protobufjs`),
    );
    for (const { value } of rows) expect(value).toBeGreaterThan(0);
  });

  it("knows the middle", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([])).toBeNaN();
  });
});
