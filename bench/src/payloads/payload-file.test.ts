import { mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packed } from "./pack.ts";
import type { Payload } from "./payload.ts";
import { readPayloads, writePayloads } from "./payload-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei-payloads-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const payloads: Payload[] = Array.from({ length: 7 }, (_, i) => ({ body: new Uint8Array(i * 400_000).fill(i), items: i }));
const readAll = async (path: string): Promise<Payload[]> => {
  const all: Payload[] = [];
  for await (const { body, items } of readPayloads(path)) all.push({ body: new Uint8Array(body), items });
  return all;
};

describe("a file of payloads", () => {
  it("gives back what was written, empty bodies and bodies larger than a chunk", async () => {
    const path = join(folder, "whole");
    await writePayloads(path, payloads);
    expect(await readAll(path)).toEqual(payloads);
  });

  it("is refused when it ends within a record", async () => {
    const path = join(folder, "cut");
    await writePayloads(path, payloads);
    await truncate(path, 1_000_000);
    await expect(readAll(path)).rejects.toThrow(/ends within a record/);
  });
});

describe("packed", () => {
  it("keeps the order, and stops when told to", async () => {
    const all = await packed(payloads);
    expect(all.map(({ body, items }) => [gunzipSync(body).length, items])).toEqual(payloads.map(({ body, items }) => [body.length, items]));
    await expect(packed(payloads, AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped");
  });
});
