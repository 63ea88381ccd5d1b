import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Signal } from "@yunwei/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { otlpTraffic } from "../../payloads/otlp-payloads.ts";
import { packed } from "../../payloads/pack.ts";
import { writePayloads } from "../../payloads/payload-file.ts";
import { openEngineSide } from "./engine-side.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei-engine-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the engine alone", () => {
  it.each<{ signal: Signal; tables: string[]; rows: string }>([
    { signal: "metrics", tables: ["metric_points", "metric_hist"], rows: "points" },
    { signal: "logs", tables: ["logs"], rows: "records" },
    { signal: "traces", tables: ["spans"], rows: "spans" },
  ])("holds as many $rows as it was given", async ({ signal, tables }) => {
    const payloads = await packed(otlpTraffic(signal, 6, 9, Date.now(), { series: 4_000 }));
    const file = join(folder, `${signal}.payloads`);
    await writePayloads(file, payloads);
    const side = await openEngineSide({ signal, folder: join(folder, signal), file, requests: [2, 4] });
    try {
      const works = [await side.insertNext(3_000), await side.insertNext(3_000)];
      const items = (from: number, to: number): number => payloads.slice(from, to).reduce((sum, payload) => sum + payload.items, 0);
      expect(works.map((work) => work.items)).toEqual([items(0, 2), items(2, 6)]);
      expect(works[1]!.cpuSeconds).toBeGreaterThan(0);
      const bytes = await side.bytesPerRow(tables);
      expect(Object.values(bytes).reduce((sum, { rows }) => sum + rows, 0)).toBe(items(0, 6));
      for (const table of Object.values(bytes)) expect(table.bytes).toBeGreaterThan(table.rows);
    } finally {
      await side.close();
    }
  });
});
