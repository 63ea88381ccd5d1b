import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { otlpJsonToProtobuf, RequestReader } from "@yunwei/otlp";
import { createLogger } from "@yunwei/service-kit";
import { encodeBlock, migrateStore, openEmbeddedStore, type Store } from "@yunwei/store";
import { afterAll, beforeAll, expect, it } from "vitest";
import { logSignal } from "../writer/signal-tables.ts";
import { RetentionBook } from "./retention-book.ts";

const START_MS = Date.UTC(2026, 10, 26, 4);
let folder: string;
let store: Store;
let nowMs = START_MS;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei-rules-"));
  store = await openEmbeddedStore({ folder: join(folder, "clickhouse") });
  await migrateStore(store, fileURLToPath(new URL("../../../../schemas/clickhouse", import.meta.url)));
  await store.command("SYSTEM STOP TTL MERGES"); // the days here are fixed, the engine's clock goes on
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const open = (path: string | undefined) => RetentionBook.open({ store, path, logger: createLogger("test", "silent"), nowMs: () => nowMs });

/** Stores a log of `service` as the writer does. @returns the classes under which it is there */
async function take(book: RetentionBook, service: string, receivedMs: number, token: string): Promise<unknown[]> {
  const body = otlpJsonToProtobuf(
    "logs",
    Buffer.from(
      JSON.stringify({
        resourceLogs: [
          {
            resource: { attributes: [{ key: "service.name", value: { stringValue: service } }] },
            scopeLogs: [{ logRecords: [{ timeUnixNano: `${START_MS}000000`, body: { stringValue: "x" } }] }],
          },
        ],
      }),
    ),
  );
  const decoded = new RequestReader(1).decode("logs", body, { source: "t", site: "", tier: "", department: "", receivedMs });
  for (const { table, columns } of logSignal(store, () => nowMs, book).blocks([{ decoded, receivedMs }])) {
    await store.insertNative(table, Object.keys(columns), encodeBlock(columns), { token });
  }
  return (await store.query("SELECT toString(ret) AS ret, count() AS n FROM logs WHERE service = {service:String} GROUP BY ret ORDER BY ret", { service })).map(
    (row) => `${row["ret"]} ${row["n"]}`,
  );
}

it("gives a batch that is stored again the classes it had, though the file has changed since; new rules count a minute later, in every process", async () => {
  const path = join(folder, "retention.yaml");
  const first = await open(path);
  expect(await take(first, "login-audit", nowMs, "a")).toEqual(["mlps 1"]);
  expect(await take(first, "web", nowMs, "b")).toEqual(["std 1"]);
  await store.insertRows("ingest_cuts", [{ at: START_MS / 1000, topic: "otlp_logs", part: 0, first_off: "0", first_ms: "1", last_off: "9" }]);
  await first.close();

  await writeFile(path, "rules: [{ class: short, service: web }]");
  nowMs += 10_000;
  const second = await open(path);
  expect(await take(second, "web", START_MS, "b")).toEqual(["std 1"]);
  expect(await take(second, "web", nowMs + 59_999, "c")).toEqual(["std 2"]);
  expect(await take(second, "web", nowMs + 60_000, "d")).toEqual(["short 1", "std 2"]);
  const other = await open(undefined);
  expect(await take(other, "web", nowMs + 60_000, "d")).toEqual(["short 1", "std 2"]);

  nowMs += 3_600_000;
  await writeFile(path, "rules: [{ class: nonsense }]");
  await second.close();
  const third = await open(path);
  expect(await take(third, "web", nowMs, "e")).toEqual(["short 2", "std 2"]);
  expect((await store.query("SELECT count() AS n FROM retention_rules"))[0]).toEqual({ n: "2" });
  await third.close();
  await other.close();
});
