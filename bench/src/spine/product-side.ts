import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Signal } from "@yunwei/schemas";
import { ApiClient, sendOtlp, spawnStandalone } from "@yunwei/testkit";
import { drained, ingestLag } from "../replay/drain.ts";
import type { SpineSide } from "./spine-side.ts";

const TABLES: Readonly<Record<Signal, readonly string[]>> = { metrics: ["metric_points", "metric_hist"], traces: ["spans"], logs: ["logs"] };
const POLL_MS = 50;
/** The API keeps table sizes for five seconds. */
const SIZES_FRESH_MS = 5_500;

/** A real standalone as people run it: gateway, durable bus, writer, detection and the rest, its PostgreSQL a child process. */
export interface ProductSide extends SpineSide {
  /** Messages that were taken in and are not stored yet. */
  lag(): Promise<number>;
}

/** @param variables - settings besides those of spawnStandalone */
export async function openProductSide(variables: Readonly<Record<string, string>> = {}, name = "Yunwei"): Promise<ProductSide> {
  const dataFolder = await mkdtemp(join(tmpdir(), "yunwei-spine-"));
  const standalone = await spawnStandalone({ dataFolder, variables, ownGroup: true }).catch(async (error: unknown) => {
    await rm(dataFolder, { recursive: true, force: true });
    throw error;
  });
  const api = await ApiClient.signIn(standalone);
  return {
    name,
    pid: standalone.pid,
    lag: () => ingestLag(standalone),
    async send(signal, gzipBody) {
      const { rejected, message } = await sendOtlp(standalone, signal, gzipBody, { compression: "gzip" });
      if (rejected > 0) throw new Error(`${rejected} ${signal} were left out: ${message}`);
    },
    async queryable() {
      while ((await ingestLag(standalone)) > 0) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    },
    idle: () => drained(standalone, api, new AbortController().signal),
    async rows(signal) {
      await new Promise((resolve) => setTimeout(resolve, SIZES_FRESH_MS));
      const { tables } = await api.get<{ tables: readonly { table: string; rows: number }[] }>("/system");
      return tables.filter(({ table }) => TABLES[signal].includes(table)).reduce((sum, { rows }) => sum + rows, 0);
    },
    async close() {
      await standalone.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
