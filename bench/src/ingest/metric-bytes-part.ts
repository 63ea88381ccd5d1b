import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { informative } from "../bench-row.ts";
import { BenchChild } from "../child/child-process.ts";
import type { TableBytes } from "./engine/engine-side.ts";
import { goalRow } from "./goals.ts";
import type { IngestPart } from "./ingest-part.ts";
import { withOpened } from "./with-opened.ts";

const MAIN = fileURLToPath(new URL("./metric-bytes-main.ts", import.meta.url));
const NORMAL = { series: 4_000, hours: 4 };
const SHORT = { series: 800, hours: 1 };

/** What a stored point takes when its part is as in production: every series with hours of points, 15 s apart, all merged. */
export const metricBytesPart: IngestPart = {
  name: "bytes",
  goals: ["metrics.bytes"],
  run: ({ short, tell }) =>
    withOpened(async (opened) => {
      const folder = await mkdtemp(join(tmpdir(), "yunwei-bench-"));
      opened.defer(() => rm(folder, { recursive: true, force: true }));
      const child = opened.add(new BenchChild(MAIN, [folder]));
      const job = short ? SHORT : NORMAL;
      const tables = await child.ask<Record<string, TableBytes>>("measure", job);
      const perRow = (table: string): number => tables[table]!.bytes / tables[table]!.rows;
      const points = tables["metric_points"]!;
      tell(`bytes: ${points.rows} points of ${job.series} series over ${job.hours} h`);
      return [
        goalRow("metrics.bytes", perRow("metric_points")),
        informative("metrics.histogram_bytes", perRow("metric_hist"), "By/{point}"),
        informative("metrics.rollup_bytes", (tables["metric_5m"]!.bytes + tables["metric_1h"]!.bytes) / points.rows, "By/{point}"),
      ];
    }),
};
