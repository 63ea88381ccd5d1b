import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Signal } from "@yunwei/schemas";
import { openEmbeddedStore, type Store } from "@yunwei/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { otlpPayloads } from "../payloads/otlp-payloads.ts";
import { WIDE_TABLES, wideRows } from "./common-rows.ts";

const SIGNALS: readonly Signal[] = ["metrics", "traces", "logs"];
let folder: string;
let store: Store;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei-common-"));
  store = await openEmbeddedStore({ folder });
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

describe("wideRows", () => {
  it.each(SIGNALS)("gives every item of %s a row that the engine takes", async (signal) => {
    const [payload] = otlpPayloads(signal, 1, 3, Date.UTC(2026, 10, 26, 1, 2, 3, 456));
    const { table, columns, key } = WIDE_TABLES[signal];
    const rows = wideRows(signal, payload!.body);
    expect(rows).toHaveLength(payload!.items);
    await store.command(`CREATE TABLE ${table} (${columns}) ENGINE = MergeTree ORDER BY (${key})`);
    await store.insertRows(table, rows);
    const [stored] = await store.query<{ rows: string; last: string }>(
      `SELECT count() AS rows, toString(max(ts)) AS last FROM ${table} WHERE length(resource) >= 8`,
    );
    expect(stored!.rows).toBe(String(payload!.items));
    expect(stored!.last.startsWith("2026-11-26 01:0")).toBe(true);
  });
});
