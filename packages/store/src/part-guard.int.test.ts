import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { mountSmallDisk } from "@yunwei/testkit";
import { expect, it } from "vitest";
import { openEmbeddedStore } from "./embedded-store.ts";
import { FixedColumn } from "./fixed-column.ts";
import { encodeBlock } from "./native-block.ts";
import { keepSources, PartGuard } from "./part-guard.ts";
import { StringColumn } from "./string-column.ts";

const ROUNDS = 25;
const ROWS = 2_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function randomRows(): [columns: string[], block: Uint8Array[]] {
  const columns = { a: new FixedColumn("UInt64", 8), b: new StringColumn() };
  for (let row = 0; row < ROWS; row++) {
    columns.a.i64(row);
    columns.b.once(randomBytes(10).toString("hex"));
  }
  return [Object.keys(columns), encodeBlock(columns)];
}

/** A disk that fills up and is freed while rows come in and parts are merged. */
it("loses no row to inserts and merges on a full disk, and stores none twice, now and at the next start", async ({ skip }) => {
  const disk = await mountSmallDisk(300 * 1024 * 1024);
  if (disk === undefined) return skip("no small file system can be mounted here");
  try {
    const folder = join(disk.folder, "clickhouse");
    const store = await openEmbeddedStore({ folder, writers: 3 });
    await store.command(
      "CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1",
    );
    await keepSources(store);
    let stopped = false;
    let inserted = 0;
    // As the writers do it: the same rows with the same token until they are acknowledged.
    const storeBatch = async (): Promise<void> => {
      const [columns, block] = randomRows();
      for (;;) {
        const isStored = await store.insertNative("t", columns, block, { token: `batch ${inserted}` }).then(
          () => true,
          () => false,
        );
        if (isStored) break;
        await pause(1);
      }
      inserted += ROWS;
    };
    const repeat = async (work: () => Promise<void>): Promise<void> => {
      while (!stopped) await work().catch(() => pause(1)); // a full disk is what this is about
    };
    const working = [repeat(storeBatch), repeat(() => store.command("OPTIMIZE TABLE t FINAL SETTINGS optimize_throw_if_noop = 1"))];
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
