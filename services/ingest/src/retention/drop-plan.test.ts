import type { StorePartition } from "@yunwei/store";
import fc from "fast-check";
import { expect, it } from "vitest";
import { dropCandidates, freeMarks } from "./drop-plan.ts";

const NOW_MS = Date.UTC(2026, 10, 26, 0, 30);
const day = (back: number): string => new Date(NOW_MS - back * 86_400_000).toISOString().slice(0, 10);
const partition = fc.record({
  table: fc.constantFrom(
    "logs",
    "spans",
    "trace_index",
    "metric_points",
    "metric_hist",
    "metric_5m",
    "metric_1h",
    "resources",
    "ingest_cuts",
    "service_edges_1m",
  ),
  retention: fc.constantFrom("", "short", "std", "mlps"),
  back: fc.integer({ min: -1, max: 20 }),
  bytes: fc.nat(1e9),
});

it("names nothing of today or later, no MLPS logs, no roll-ups or books, and each partition once, by step and then by day", () => {
  fc.assert(
    fc.property(fc.array(partition, { maxLength: 40 }), (drawn) => {
      const all: StorePartition[] = drawn.map((one, i) => {
        return {
          table: one.table,
          retention: one.table === "logs" ? one.retention : "",
          partitionId: String(i),
          day: day(one.back),
          disk: "default",
          rows: 1,
          bytes: one.bytes,
        };
      });
      const found = dropCandidates(all, NOW_MS);
      expect(new Set(found.map(({ partition: { partitionId } }) => partitionId)).size).toBe(found.length);
      const rank = ["logs of class short", "spans", "logs of class std", "points older than 3 days", "points older than today"];
      for (const [i, { partition: one, step }] of found.entries()) {
        expect(one.day < day(0)).toBe(true);
        expect(["logs short", "logs std", "spans ", "trace_index ", "metric_points ", "metric_hist "]).toContain(`${one.table} ${one.retention}`);
        if (step === "points older than 3 days") expect(one.day < day(3)).toBe(true);
        const before = found[i - 1];
        if (before === undefined) continue;
        expect(rank.indexOf(before.step)).toBeLessThanOrEqual(rank.indexOf(step));
        if (before.step === step) expect(before.partition.day <= one.day).toBe(true);
      }
      const may = all.filter(
        (one) => one.day < day(0) && (["spans", "trace_index", "metric_points", "metric_hist"].includes(one.table) || ["short", "std"].includes(one.retention)),
      );
      expect(found.length).toBe(may.length);
    }),
  );
});

it("begins at the smaller of the two limits and ends a fifth above it", () => {
  expect(freeMarks(1e12, { minFreePercent: 10, minFreeBytes: 5e9 })).toEqual({ beginBytes: 5e9, endBytes: 6e9 });
  expect(freeMarks(1e9, { minFreePercent: 10, minFreeBytes: 5e9 })).toEqual({ beginBytes: 1e8, endBytes: 1.2e8 });
  expect(freeMarks(1e9, { minFreePercent: 0, minFreeBytes: 5e9 }).beginBytes).toBe(0);
});
