import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openEmbeddedStore } from "../embedded-store.ts";
import { migrateStore } from "../migrate.ts";
import type { Store } from "../store.ts";
import { accountSums, chainFaults } from "./ingest-accounts.ts";

/** Of now: older rows than the table keeps would go while we look. */
const AT_S = Math.floor(Date.now() / 1000);
let folder: string;
let store: Store;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei-accounts-"));
  store = await openEmbeddedStore({ folder });
  await migrateStore(store, fileURLToPath(new URL("../../../../schemas/clickhouse", import.meta.url)));
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const row = (topic: string, source: string, first: number, last: number, more: object = {}) => ({
  at: AT_S,
  topic,
  part: 0,
  first_off: String(first),
  last_off: String(last),
  source,
  messages: last - first + 1,
  unannounced: 0,
  accepted: 10,
  stored: 10,
  rejected: 1,
  reason: "",
  dead_messages: 0,
  dead_items: 0,
  missing: 0,
  surplus: 0,
  ...more,
});

it("sums by topic and sender, and finds where batches do not meet", async () => {
  await store.insertRows("ingest_accounting", [
    row("whole", "a", 0, 9),
    row("whole", "b", 0, 9, { stored: 7, missing: 3 }),
    row("whole", "a", 10, 10),
    row("broken", "a", 0, 4),
    row("broken", "a", 7, 9),
    row("broken", "a", 9, 12),
  ]);
  expect(await accountSums(store, AT_S)).toMatchObject([
    { topic: "broken", source: "a", messages: 12, accepted: 30, stored: 30, rejected: 3 },
    { topic: "whole", source: "a", messages: 11, accepted: 20, stored: 20, missing: 0 },
    { topic: "whole", source: "b", messages: 10, accepted: 10, stored: 7, missing: 3, surplus: 0 },
  ]);
  expect(await chainFaults(store, AT_S)).toEqual([
    { topic: "broken", part: 0, kind: "gap", lastOffset: 4, firstOffset: 7 },
    { topic: "broken", part: 0, kind: "overlap", lastOffset: 9, firstOffset: 9 },
  ]);
  expect(await accountSums(store, AT_S + 1)).toEqual([]);
});
