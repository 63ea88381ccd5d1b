import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Signal } from "@yunwei/schemas";
import type { SpineSide } from "./spine-side.ts";

const MAIN = fileURLToPath(new URL("./common-main.ts", import.meta.url));

/** The common way (common-main.ts) in a process of its own. */
export async function openCommonSide(): Promise<SpineSide> {
  const folder = await mkdtemp(join(tmpdir(), "yunwei-common-"));
  const child = spawn(process.execPath, [MAIN, join(folder, "clickhouse")], { stdio: ["pipe", "pipe", "inherit"], detached: true });
  const ended = once(child, "exit");
  const first = await Promise.race([once(createInterface(child.stdout), "line"), ended.then(() => undefined)]);
  if (first === undefined) throw new Error("the common side did not come up; its complaint is above");
  const { address } = JSON.parse(String(first[0])) as { address: string };
  const flush = async (signal: Signal): Promise<number> => {
    const response = await fetch(`${address}/flush/${signal}`, { method: "POST" });
    if (!response.ok) throw new Error(`the common side answered ${response.status}: ${await response.text()}`);
    return ((await response.json()) as { rows: number }).rows;
  };
  return {
    name: "the common way",
    pid: child.pid!,
    async send(signal, gzipBody) {
      const headers = { "content-type": "application/x-protobuf", "content-encoding": "gzip" };
      const response = await fetch(`${address}/v1/${signal}`, {
        method: "POST",
        headers,
        body: Buffer.from(gzipBody.buffer, gzipBody.byteOffset, gzipBody.byteLength),
      });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`the common side answered ${response.status}`);
    },
    async queryable(signal) {
      await flush(signal);
    },
    idle: () => Promise.resolve(),
    rows: flush,
    async close() {
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
