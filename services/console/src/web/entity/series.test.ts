import { describe, expect, it } from "vitest";
import type { EntitySeries } from "../api/contracts.ts";
import { busiestProcesses, highest, total } from "./series-figures.ts";
import { derivedGroups, labelText, MAX_LINES, seriesGroups } from "./series-groups.ts";

const series = (metric: string, last: number | null, labels: Record<string, string> = {}): EntitySeries => ({
  seriesId: `${metric}${JSON.stringify(labels)}`,
  metric,
  unit: "1",
  kind: "gauge",
  labels,
  readUnit: "1",
  last,
});

describe("charts of an entity", () => {
  it("begin with what matters most, the highest series first, at most as many as people can tell apart", () => {
    const many = Array.from({ length: 9 }, (_, i) => series("system.network.io", i, { device: `eth${i}` }));
    const groups = seriesGroups([series("aaa.first.by.name", 1), ...many, series("system.cpu.utilization", null)]);
    expect(groups.map((group) => group.metric)).toEqual(["system.cpu.utilization", "system.network.io", "aaa.first.by.name"]);
    expect(groups[1]!.series.map((one) => one.last)).toEqual([8, 7, 6, 5, 4, 3]);
    expect(groups[1]).toMatchObject({ more: 9 - MAX_LINES });
    expect(labelText({ device: "eth0", direction: "receive" })).toBe("eth0 receive");
  });

  it("are made from spans for what sends no metrics", () => {
    expect(derivedGroups("service").map((group) => group.metric)).toContain("yunwei.service.duration");
    expect(derivedGroups("rack")).toEqual([]);
  });
});

describe("figures", () => {
  const all = [
    series("system.filesystem.utilization", 0.2, { mount: "/" }),
    series("system.filesystem.utilization", 0.9, { mount: "/data" }),
    series("system.network.io", 10, { "network.io.direction": "receive" }),
    series("system.network.io", 5, { "network.io.direction": "receive" }),
    series("process.cpu.utilization", 0.5, { "process.executable.name": "node" }),
    series("process.cpu.utilization", 0.7, { "process.executable.name": "postgres" }),
    series("process.memory.usage", 100, { "process.executable.name": "node" }),
    series("process.cpu.utilization", null, { "process.executable.name": "gone" }),
  ];

  it("take the fullest disk and add up the interfaces", () => {
    expect(highest(all, "system.filesystem.utilization")!.labels["mount"]).toBe("/data");
    expect(highest(all, "system.memory.utilization")).toBeUndefined();
    expect(total(all, "system.network.io", "network.io.direction", "receive")).toEqual({ last: 15 });
    expect(total(all, "system.network.io", "network.io.direction", "transmit")).toBeUndefined();
  });

  it("list the busiest programs", () => {
    expect(busiestProcesses(all)).toEqual([
      { name: "postgres", cpu: 0.7, memoryBytes: null },
      { name: "node", cpu: 0.5, memoryBytes: 100 },
    ]);
  });
});
