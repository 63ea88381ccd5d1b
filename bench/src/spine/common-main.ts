import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Signal } from "@yunwei/schemas";
import { openEmbeddedStore } from "@yunwei/store";
import { fastify } from "fastify";
import { WIDE_TABLES, type WideRow, wideRows } from "./common-rows.ts";

/*
 * The same work done the common way, to be held against ours: Fastify, protobufjs objects, a row object an item, JSONEachRow
 * into one wide table a signal, on the same embedded engine. It answers before the rows are stored, as batching receivers do.
 * Argument: a folder. Prints its address as one line of JSON; stops on SIGTERM.
 */
const BATCH_REQUESTS = 64;
const BODY_LIMIT = 16 * 1024 * 1024;
const gunzipAsync = promisify(gunzip);
const SIGNALS: readonly Signal[] = ["metrics", "traces", "logs"];

const store = await openEmbeddedStore({ folder: process.argv[2]! });
for (const { table, columns, key } of Object.values(WIDE_TABLES))
  await store.command(`CREATE TABLE ${table} (${columns}) ENGINE = MergeTree ORDER BY (${key})`);

const pending: Record<Signal, WideRow[][]> = { metrics: [], traces: [], logs: [] };
let inserting: Promise<void> = Promise.resolve();

function flush(signal: Signal): Promise<void> {
  const rows = pending[signal].flat();
  pending[signal] = [];
  inserting = inserting.then(() => store.insertRows(WIDE_TABLES[signal].table, rows));
  return inserting;
}

const app = fastify({ bodyLimit: BODY_LIMIT });
app.addContentTypeParser("application/x-protobuf", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
for (const signal of SIGNALS) {
  app.post(`/v1/${signal}`, async (request, reply) => {
    const body = request.body as Buffer;
    const rows = wideRows(signal, request.headers["content-encoding"] === "gzip" ? await gunzipAsync(body) : body);
    pending[signal].push(rows); // after the wait: a flush meanwhile takes the list away
    if (pending[signal].length >= BATCH_REQUESTS) await flush(signal);
    return reply.type("application/x-protobuf").send(Buffer.alloc(0));
  });
  app.post(`/flush/${signal}`, async () => {
    await flush(signal);
    const [count] = await store.query<{ rows: string }>(`SELECT count() AS rows FROM ${WIDE_TABLES[signal].table}`);
    return { rows: Number(count!.rows) };
  });
}
const address = await app.listen({ host: "127.0.0.1", port: 0 });
process.stdout.write(`${JSON.stringify({ address })}\n`);
process.once("SIGTERM", () => {
  void app
    .close()
    .then(() => store.close())
    .then(() => process.exit(0));
});
