import { join } from "node:path";
import { mountSmallDisk } from "@yunwei/testkit";
import { expect, it } from "vitest";
import { openEmbeddedStore } from "./embedded-store.ts";
import { keepSources, PartGuard } from "./part-guard.ts";

const ROUNDS = 25;
const ROWS = 2_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A disk that fills up and is freed while rows come in and parts are merged. */
it("loses no row to merges on a full disk, now and at the next start", async ({ skip }) => {
  const disk = await mountSmallDisk(300 * 1024 * 1024);
  if (disk === undefined) return skip("no small file system can be mounted here");
  try {
    const folder = join(disk.folder, "clickhouse");
    const store = await openEmbeddedStore({ folder, writers: 3 });
    await store.command("CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a SETTINGS fsync_after_insert = 1, fsync_part_directory = 1");
    await keepSources(store);
    let stopped = false;
    let inserted = 0;
    const repeat = async (work: () => Promise<void>): Promise<void> => {
      while (!stopped) await work().catch(() => pause(1)); // a full disk is what this is about
    };
    const working = [
      repeat(async () => {
        await store.command(`INSERT INTO t SELECT number, randomPrintableASCII(20) FROM numbers(${ROWS})`);
        inserted += ROWS;
      }),
      repeat(() => store.command("OPTIMIZE TABLE t FINAL SETTINGS optimize_throw_if_noop = 1")),
    ];
    for (let round = 0; round < ROUNDS; round++) {
      await pause(300);
      await disk.fill();
      await pause(150);
      await disk.free();
    }
    stopped = true;
    await Promise.all(working);
    const told: string[] = [];
    const guard = new PartGuard({ store, onTrouble: (message) => told.push(message) });
    const broken = await guard.look();
    expect(await guard.look()).toEqual([]);
    guard.stop();
    expect(told.length).toBe(broken.length);
    const count = "SELECT toUInt32(count()) AS stored, toUInt32(sum(length(b))) AS bytes FROM t";
    expect(await store.query(count)).toEqual([{ stored: inserted, bytes: 20 * inserted }]);
    await store.close();
    const again = await openEmbeddedStore({ folder });
    expect(await again.query(count)).toEqual([{ stored: inserted, bytes: 20 * inserted }]);
    await again.close();
  } finally {
    await disk.remove();
  }
});
