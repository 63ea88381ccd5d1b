import { describe, expect, it } from "vitest";
import { causeRows } from "./causes/causes-bench.ts";
import { decodeBench } from "./decode/decode-bench.ts";
import { latencyRows } from "./latency/latency-bench.ts";
import { median } from "./median.ts";
import { restRows } from "./rest/rest-bench.ts";
import { spineRows } from "./spine/spine-bench.ts";

const figureOf = (rows: readonly { name: string; value: number }[], name: string): number => rows.find((row) => row.name === name)!.value;

describe("spineRows", () => {
  it("compares work per CPU second, whatever the amounts", () => {
    const rows = spineRows("logs", {
      product: { items: 1_000_000, seconds: 4, cpuSeconds: 5 },
      common: { items: 100_000, seconds: 4, cpuSeconds: 10 },
    });
    expect(figureOf(rows, "logs.per_second")).toBe(250_000);
    expect(figureOf(rows, "logs.per_cpu_second")).toBe(200_000);
    expect(rows.at(-1)).toEqual({ name: "logs.cpu_vs_common", value: 20, unit: "x", target: ">= 14", holds: true });
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
      ["metrics", "traces", "logs"].map((signal) => `${signal}.decode_vs_protobufjs`),
    );
    for (const { value } of rows) expect(value).toBeGreaterThan(0);
  });

  it("knows the middle", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([])).toBeNaN();
  });
});
