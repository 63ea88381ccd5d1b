import { Worker } from "node:worker_threads";
import { type Bus, ThreadBus } from "@yunwei/bus";
import type { IngestOffice } from "@yunwei/console";
import { linkThreads } from "@yunwei/service-kit";
import type { ControlPlaneCalls, DataPlaneCalls, DataPlaneSettings } from "./data-plane-calls.ts";

const MAIN = new URL("./data-plane-main.ts", import.meta.url);

/** The data plane in its thread, nothing of it open yet. */
export interface DataPlane {
  readonly calls: DataPlaneCalls;
  /** Its bus, once its engines are open. */
  readonly bus: Bus;
  /** What the console asks of it. */
  readonly office: IngestOffice;
  /** Takes no new work, finishes what is in hand, leaves everything on disk. */
  close(): Promise<void>;
}

export interface DataPlaneWatch {
  /** A line for the log file, where there is one. */
  readonly writeLog: (line: string) => void;
  /** An error that nobody caught has ended the thread, and with it ClickHouse in this process: nothing goes on from here. */
  readonly onEnd: (error: Error) => void;
}

/** Starts the thread of the data plane, which lives as long as the process. */
export function startDataPlane(settings: DataPlaneSettings, { writeLog, onEnd }: DataPlaneWatch): DataPlane {
  const worker = new Worker(MAIN, { workerData: settings, name: "data plane" });
  const bus = new ThreadBus(() => calls);
  const control: ControlPlaneCalls = { ...bus.callbacks, writeLog: async (line) => writeLog(line) };
  const link = linkThreads<DataPlaneCalls>(worker, control);
  const calls: DataPlaneCalls = link.remote;
  worker.on("error", (error) => {
    link.close(error);
    onEnd(error);
  });
  const close = async (): Promise<void> => {
    await calls.closePlane();
    // The thread stays until the process ends: ClickHouse's library closes every session of the process when a thread with it goes.
    worker.unref();
  };
  return { calls, bus, office: officeOf(calls), close };
}

function officeOf(calls: DataPlaneCalls): IngestOffice {
  return {
    deadLetters: {
      list: (filter) => calls.listLetters(filter),
      show: (id) => calls.showLetter(id),
      replay: (id, request) => calls.replayLetter(id, request),
    },
    lagByTopic: () => calls.lagByTopic(),
    quotas: () => calls.quotas(),
    clockSkew: () => calls.clockSkew(),
    guardedMetrics: () => calls.guardedMetrics(),
    retention: () => calls.retention(),
  };
}
