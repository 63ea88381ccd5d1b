import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { informative } from "../bench-row.ts";
import { BenchChild } from "../child/child-process.ts";
import { goalRow } from "./goals.ts";
import type { IngestPart } from "./ingest-part.ts";
import type { PresortedCosts } from "./presorted-main.ts";
import { withOpened } from "./with-opened.ts";

const MAIN = fileURLToPath(new URL("./presorted-main.ts", import.meta.url));
const NORMAL = { rows: 800_000, turns: 7 };
const SHORT = { rows: 100_000, turns: 3 };

/** Rows that stand in the order of the key, as a Native file, against the engine's own INSERT SELECT of the same rows as they came. */
export const presortedPart: IngestPart = {
  name: "presorted",
  goals: ["presorted_vs_engine_sort"],
  run: ({ short }) =>
    withOpened(async (opened) => {
      const folder = await mkdtemp(join(tmpdir(), "yunwei-bench-"));
      opened.defer(() => rm(folder, { recursive: true, force: true }));
      const child = opened.add(new BenchChild(MAIN, [folder]));
      const { rows, presortedUs, engineUs } = await child.ask<PresortedCosts>("measure", short ? SHORT : NORMAL);
      return [
        goalRow("presorted_vs_engine_sort", engineUs / presortedUs, short ? `${rows} rows` : undefined),
        informative("presorted.per_cpu_second", 1e6 / presortedUs, "{row}/s"),
        informative("engine_sort.per_cpu_second", 1e6 / engineUs, "{row}/s"),
      ];
    }),
};
