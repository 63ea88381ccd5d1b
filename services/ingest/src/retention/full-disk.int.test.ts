import { stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLogger } from "@yunwei/service-kit";
import { migrateStore, openEmbeddedStore } from "@yunwei/store";
import { mountSmallDisk } from "@yunwei/testkit";
import { expect, it } from "vitest";
import { Ballast } from "./ballast.ts";
import { DiskGuard } from "./disk-guard.ts";

const NOW_MS = Date.UTC(2026, 10, 26, 4);
const DISK_BYTES = 256 * 1024 * 1024;
const schema = fileURLToPath(new URL("../../../../schemas/clickhouse", import.meta.url));

it("makes room on a real disk that is full to the last byte", async ({ skip }) => {
  const disk = await mountSmallDisk(DISK_BYTES);
  if (disk === undefined) return skip("file systems cannot be mounted here");
  const store = await openEmbeddedStore({ folder: join(disk.folder, "clickhouse") });
  try {
    await migrateStore(store, schema);
    await store.command("SYSTEM STOP TTL MERGES"); // the days below are fixed, the engine's clock goes on
    for (let day = 20; day < 26; day++) {
      await store.command(
        `INSERT INTO logs (ret, ts, received_at, body) SELECT 'short', toDateTime64('2026-11-${day} 01:00:00', 3, 'UTC'), now(), randomPrintableASCII(200) FROM numbers(100000)`,
      );
    }
    const ballast = new Ballast(join(disk.folder, "reserve"), 8 * 1024 * 1024);
    const guard = new DiskGuard({
      store,
      logger: createLogger("test", "silent"),
      nowMs: () => NOW_MS,
      limits: { minFreePercent: 10, minFreeBytes: 5e9 },
      ballast,
    });
    expect(await guard.look()).toEqual([]);
    await disk.fill();
    const dropped = await guard.look();
    const { disks, next, dropped: told } = await guard.overview();
    expect(dropped.map(({ partition }) => partition.day)).toEqual(["2026-11-20", "2026-11-21"]);
    expect(disks[0]!.freeBytes).toBeGreaterThan(0.12 * DISK_BYTES);
    expect(told).toHaveLength(2);
    expect(next[0]!.day).toBe("2026-11-22");
    await guard.look();
    expect((await stat(join(disk.folder, "reserve"))).blocks).toBe((8 * 1024 * 1024) / 512);
    await guard.close();
  } finally {
    await store.close();
    await disk.remove();
  }
});
