import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Payload } from "./payload.ts";

/** The level of Go's gzip package by default, which the Collector's exporters use. */
const LEVEL = 6;
/** Compressed at once: as many as libuv has threads. */
const AT_ONCE = 4;
const gzipAsync = promisify(gzip);

/** Payloads as an exporter sends them: gzip, level 6 if not told otherwise. @throws what `stop` was aborted with */
export async function packed(payloads: Iterable<Payload>, stop?: AbortSignal, level = LEVEL): Promise<Payload[]> {
  const all: Payload[] = [];
  let group: Payload[] = [];
  const pack = async (): Promise<void> => {
    stop?.throwIfAborted();
    all.push(...(await Promise.all(group.map(async ({ body, items }) => ({ body: await gzipAsync(body, { level }), items })))));
    group = [];
  };
  for (const payload of payloads) {
    group.push(payload);
    if (group.length === AT_ONCE) await pack();
  }
  await pack();
  return all;
}
