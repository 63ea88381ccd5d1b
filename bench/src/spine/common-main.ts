import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { createClient } from "@clickhouse/client";
import type { Signal } from "@yunwei/schemas";
import { createChdbConnection } from "chdb/connection";
import { fastify } from "fastify";
import { WIDE_TABLES, type WideRow, wideRows } from "./common-rows.ts";

/*
 * The same work done the common way, to be held against ours: Fastify, protobufjs objects, a row object an item, JSONEachRow by
 * the official client into one wide table a signal, on the same engine in process, without a log in between. It answers before
 * the rows are stored, as batching receivers do. Argument: a folder. Prints its address as one line of JSON; stops on SIGTERM and
 * at the end of its standard input, which is the end of its parent.
 */
const BATCH_REQUESTS = 64;
const BODY_LIMIT = 16 * 1024 * 1024;
const gunzipAsync = promisify(gunzip);
const SIGNALS: readonly Signal[] = ["metrics", "traces", "logs"];

// It is made for this hook, but its types are those of another copy of the client's common part.
const connection = createChdbConnection({ path: process.argv[2]! }) as unknown as NonNullable<Parameters<typeof createClient>[0]>["connection"] & object;
const client = createClient({ connection });
for (const { table, columns, key } of Object.values(WIDE_TABLES))
  await client.command({ query: `CREATE TABLE ${table} (${columns}) ENGINE = MergeTree ORDER BY (${key})` });

const pending: Record<Signal, WideRow[][]> = { metrics: [], traces: [], logs: [] };
let inserting: Promise<unknown> = Promise.resolve();

function flush(signal: Signal): Promise<unknown> {
  const values = pending[signal].flat();
  pending[signal] = [];
  if (values.length > 0) inserting = inserting.then(() => client.insert({ table: WIDE_TABLES[signal].table, values, format: "JSONEachRow" }));
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
    const counted = await client.query({ query: `SELECT count() AS rows FROM ${WIDE_TABLES[signal].table}`, format: "JSONEachRow" });
    const [count] = await counted.json<{ rows: string }>();
    return { rows: Number(count!.rows) };
  });
}
const address = await app.listen({ host: "127.0.0.1", port: 0 });
process.stdout.write(`${JSON.stringify({ address })}\n`);
const stop = (): void => {
  void app
    .close()
    .then(() => client.close())
    .then(() => process.exit(0));
};
process.once("SIGTERM", stop);
process.stdin.once("end", stop).resume();
