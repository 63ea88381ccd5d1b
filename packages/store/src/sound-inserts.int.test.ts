import { readdir, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openEmbeddedStore } from "./embedded-store.ts";
import { SoundInserts } from "./sound-inserts.ts";
import type { Store } from "./store.ts";

const folder = join(tmpdir(), `yunwei sound ${process.pid}`);
let store: Store;
let told: string[];
let inserts: SoundInserts;

beforeAll(async () => {
  store = await openEmbeddedStore({ folder });
  await store.command("CREATE TABLE t (day Date, n UInt64) ENGINE = MergeTree PARTITION BY day ORDER BY n SETTINGS non_replicated_deduplication_window = 100");
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await store.command("TRUNCATE TABLE t");
  told = [];
  inserts = new SoundInserts({ store, folder, onTrouble: (message) => told.push(message), shortBytes: Number.POSITIVE_INFINITY });
});

const DAYS = ["2026-01-01", "2026-01-02"];
/** Ten rows, half of them of each day. */
const insert = (token: string): Promise<void> =>
  store.insertRows(
    "t",
    Array.from({ length: 10 }, (_, n) => ({ day: DAYS[n % 2], n })),
    { token },
  );
/** What the engine does on a full disk: the files of the newest part of a day are empty, and nobody says so. */
async function spoil(day: string): Promise<void> {
  const [part] = await store.query<{ path: string }>(
    "SELECT path FROM system.parts WHERE table = 't' AND active AND partition = {day:String} ORDER BY min_block_number DESC LIMIT 1",
    { day },
  );
  for (const name of await readdir(part!.path)) await truncate(join(part!.path, name), 0);
}
const counts = (): Promise<unknown> => store.query("SELECT toString(day) AS day, toUInt32(count()) AS rows FROM t GROUP BY day ORDER BY day");
const whole = (times: number): unknown => DAYS.map((day) => ({ day, rows: 5 * times }));

describe("inserts on a short disk", () => {
  it("fail when a part is broken; the repeat with the same token stores what is missing, and no more", async () => {
    const broken = inserts.run("t", async () => {
      await insert("a");
      await spoil(DAYS[1]!);
    });
    await expect(broken).rejects.toMatchObject({ code: "YUNWEI_STORE_UNAVAILABLE", retryable: true });
    expect(told.join()).toContain("of table t had 0 bytes on disk");
    await inserts.run("t", () => insert("a"));
    await inserts.run("t", () => insert("a"));
    expect(await counts()).toEqual(whole(1));
  });

  it("are told apart: another insert into the same table does not take the blame for a part, and the one at fault does not get away", async () => {
    const spoilt = Promise.withResolvers<void>();
    const atFault = inserts.run("t", async () => {
      await insert("a");
      await spoil(DAYS[0]!);
      spoilt.resolve();
      await new Promise((resolve) => setTimeout(resolve, 300)); // acknowledged a moment later
    });
    const caught = expect(atFault).rejects.toMatchObject({ code: "YUNWEI_STORE_UNAVAILABLE" });
    await spoilt.promise;
    await inserts.run("t", () => insert("b"));
    await caught;
    await inserts.run("t", () => insert("a"));
    expect(await counts()).toEqual(whole(2));
  });
});
