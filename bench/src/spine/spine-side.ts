import { setTimeout as sleep } from "node:timers/promises";
import type { Signal } from "@yunwei/schemas";
import type { Payload } from "../payloads/payload.ts";
import { treeCpuSeconds } from "../process/process-usage.ts";

/** One of several ways to do the work, in processes of its own. */
export interface SpineSide {
  readonly name: string;
  /** The process whose CPU counts, with all below it. */
  readonly pid: number;
  /** Sends one request, compressed. */
  send(signal: Signal, gzipBody: Uint8Array): Promise<void>;
  /** Resolves when everything that was sent can be queried. */
  queryable(signal: Signal): Promise<void>;
  /** Resolves when all work that the data causes is done, merges aside. */
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
  /** Of the receiving processes, until they are quiet again. */
  readonly cpuSeconds: number;
}

const CONNECTIONS = 16;
/** A side has settled, its merges included, when it uses less than QUIET_CPU_S in a LOOK_MS; not waited for longer than MOST_LOOKS. */
const LOOK_MS = 1_000;
const QUIET_CPU_S = 0.15;
const MOST_LOOKS = 20;

/** Sends all payloads over 16 connections and waits until they are done with. */
export async function measureSide(side: SpineSide, signal: Signal, payloads: readonly Payload[], stop?: AbortSignal): Promise<SpineWork> {
  const items = payloads.reduce((sum, payload) => sum + payload.items, 0);
  return measureWork(side.pid, async () => {
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let at = next++; at < payloads.length; at = next++) {
        stop?.throwIfAborted();
        await side.send(signal, payloads[at]!.body);
      }
    };
    const begun = performance.now();
    await Promise.all(Array.from({ length: CONNECTIONS }, lane));
    await side.queryable(signal);
    const seconds = (performance.now() - begun) / 1000;
    await side.idle();
    return { items, seconds };
  });
}

/** Adds what it cost to what some work has done, the merges that it caused included. */
export async function measureWork(pid: number, work: () => Promise<{ readonly items: number; readonly seconds: number }>): Promise<SpineWork> {
  const before = await treeCpuSeconds(pid);
  const done = await work();
  let used = (await treeCpuSeconds(pid)) - before;
  for (let look = 0; look < MOST_LOOKS; look++) {
    await sleep(LOOK_MS);
    const now = (await treeCpuSeconds(pid)) - before;
    const isQuiet = now - used < QUIET_CPU_S;
    used = now;
    if (isQuiet) break;
  }
  return { ...done, cpuSeconds: used };
}

/** @throws Error when rows are missing or doubled: the comparison would be of different work */
export async function checkRows(side: SpineSide, signal: Signal, expected: number): Promise<void> {
  const rows = await side.rows(signal);
  if (rows !== expected) throw new Error(`${side.name} has ${rows} rows of ${expected} ${signal}: the comparison would be of different work`);
}
