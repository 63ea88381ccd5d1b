import { familyOfMetric } from "@yunwei/schemas";
import { describe, expect, it } from "vitest";
import { FRONT_COLUMNS, NODE_COLUMNS, POD_COLUMNS } from "./metric-columns.ts";
import { logText } from "./read-logs.ts";
import { nodesOf, readMetrics } from "./read-metrics.ts";
import { seamOffset } from "./recorded-series.ts";

const POD = "cart-579f59597d-wc2lz";
const TIME = "2022-08-23 11:59:28.156628494 +0000 UTC m=+0.139064770";
const LATER = "2022-08-23 12:00:28.1 +0000 UTC m=+60";
const podTable = `Time,TimeStamp,PodName,CpuUsageRate(%),MemoryUsage(Mi),PodServerLatencyP90(s),NodeCpuUsageRate(%),PodSuccessRate(%)
${TIME},1,${POD},50,2,0.1,10,0
${LATER},2,${POD},60,3,,20,0`;

describe("metric columns", () => {
  it.each([
    ["CpuUsageRate(%)", "cpu"],
    ["MemoryUsage(Mi)", "memory"],
    ["MemoryUsageRate(%)", "memory"],
    ["PodServerLatencyP90(s)", "latency"],
    ["NodeCpuUsageRate(%)", "cpu"],
    ["NodeMemoryUsageRate(%)", "memory"],
    ["LatencyP99(s)", "latency"],
    ["PodWorkload(Ops)", "load"],
    ["SyscallRead", "other"],
  ])("%s is evidence of %s", (column, family) => {
    const found = [...POD_COLUMNS, ...NODE_COLUMNS, ...FRONT_COLUMNS].find((one) => one.column === column);
    expect(familyOfMetric(found!.metric).family).toBe(family);
  });
});

describe("readMetrics", () => {
  it("makes series of a pod and of its node, without empty cells and columns of zeros", () => {
    const series = readMetrics({ namespace: "hipster", tables: new Map([[`${POD}_metric.csv`, podTable]]), nodes: new Map([["cart", "10.0.0.1"]]) });
    const find = (metric: string) => series.find((one) => one.metric === metric);
    expect(find("container.cpu.utilization")).toMatchObject({
      timesMs: [Date.UTC(2022, 7, 23, 11, 59, 28, 156), Date.UTC(2022, 7, 23, 12, 0, 28, 100)],
      values: [0.5, 0.6],
      resource: { "service.name": "cart", "service.instance.id": POD, "host.name": "10.0.0.1" },
    });
    expect(find("container.memory.usage")).toMatchObject({ values: [2 * 2 ** 20, 3 * 2 ** 20], stock: true });
    expect(find("http.server.request.duration")!.values).toEqual([0.1]);
    expect(find("system.cpu.utilization")!.resource).toEqual({ "host.name": "10.0.0.1" });
    expect(series).toHaveLength(4);
  });

  it("tells the wire time of calls and what users feel", () => {
    const mesh = (value: number) => `time,timestamp,front_cart\n${TIME},1,${value}`;
    const tables = new Map([
      ["source_50.csv", mesh(0.175)],
      ["destination_50.csv", mesh(0.005)],
      ["front_service.csv", `Time,TimeStamp,ServiceName,SuccessRate(%),LatencyP50(s)\n${TIME},1,Frontend,90,0.2`],
    ]);
    const series = readMetrics({ namespace: "hipster", tables, nodes: new Map() });
    expect(
      series.map(({ metric, resource, values }) => [
        metric,
        resource["yunwei.entity.id"] ?? resource["service.name"],
        values.map((value) => Number(value.toFixed(6))),
      ]),
    ).toEqual([
      ["http.server.request.duration", "frontend", [0.2]],
      ["http.server.request.error_ratio", "frontend", [0.1]],
      ["yunwei.edge.gap", "front->cart", [0.17]],
    ]);
  });

  it("finds nodes in the dependencies", () => {
    expect([...nodesOf("Source,Target,Weight\nfront,cart,1\ncart,33.33.33.80,1\n")]).toEqual([["cart", "33.33.33.80"]]);
  });
});

describe("seamOffset", () => {
  const series = { stock: true, timesMs: [1, 2, 3, 11, 12, 13], values: [5, 5, 5, 9, 9, 9] };
  it.each([
    { case: "moves a stock to where it was before the seam", series, seam: 4, shift: -10, want: -4 },
    { case: "leaves a flow", series: { ...series, stock: false }, seam: 4, shift: -10, want: 0 },
    { case: "leaves a history that is not moved", series, seam: 4, shift: 0, want: 0 },
    { case: "leaves what has no points before the seam", series, seam: 1, shift: -10, want: 0 },
  ])("$case", ({ series: one, seam, shift, want }) => {
    expect(seamOffset(one, seam, shift)).toBe(want);
  });
});

describe("logText", () => {
  it("reads one or more objects of the container runtime, and what is cut off", () => {
    expect(logText('{"log":"a\\n","stream":"stdout"}\n{"log":"b"}\n{"log":"c')).toBe('a\nb\n{"log":"c');
  });
});
