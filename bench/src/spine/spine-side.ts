import type { Signal } from "@yunwei/schemas";
import type { Payload } from "../payloads/otlp-payloads.ts";
import { cpuSeconds } from "../process/process-usage.ts";

/** One of the two ways to do the work. */
export interface SpineSide {
  readonly name: string;
  readonly pid: number;
  send(signal: Signal, gzipBody: Uint8Array): Promise<void>;
  /** Resolves when everything that was sent can be queried. */
  queryable(signal: Signal): Promise<void>;
  /** Resolves when all work that the data causes is done. */
  idle(): Promise<void>;
  /** Rows of that signal that can be queried now. */
  rows(signal: Signal): Promise<number>;
  close(): Promise<void>;
}

/** What some work cost. */
export interface SpineWork {
  readonly items: number;
  /** From the first byte sent until all is queryable. */
  readonly seconds: number;
  /** Of the receiving process, until it is idle again. */
  readonly cpuSeconds: number;
}

const CONNECTIONS = 16;

/** Sends all payloads over 16 connections and waits for them. @throws Error when rows are missing or doubled */
export async function measureSide(side: SpineSide, signal: Signal, payloads: readonly Payload[]): Promise<SpineWork> {
  const rowsBefore = await side.rows(signal);
  const items = payloads.reduce((sum, payload) => sum + payload.items, 0);
  const [cpuBefore, begun] = [await cpuSeconds(side.pid), performance.now()];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < payloads.length; at = next++) await side.send(signal, payloads[at]!.body);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  await side.queryable(signal);
  const seconds = (performance.now() - begun) / 1000;
  await side.idle();
  const used = (await cpuSeconds(side.pid)) - cpuBefore;
  const rows = (await side.rows(signal)) - rowsBefore;
  if (rows !== items) throw new Error(`${side.name} has ${rows} rows of ${items} ${signal}: the comparison would be of different work`);
  return { items, seconds, cpuSeconds: used };
}
