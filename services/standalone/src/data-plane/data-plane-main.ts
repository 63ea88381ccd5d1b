import { parentPort, workerData } from "node:worker_threads";
import { createLogger, type Logger, linkThreads } from "@yunwei/service-kit";
import { createDataPlane } from "./data-plane.ts";
import type { ControlPlaneCalls, DataPlaneSettings } from "./data-plane-calls.ts";

/** Entry of the data plane's thread: waits for the calls of the thread that has started it (startDataPlane). */
const settings = workerData as DataPlaneSettings;
const { YUNWEI_LOG, YUNWEI_LOG_LEVEL } = settings.config;
const logFile = { write: (line: string): void => void control.remote.writeLog.asEvent(line) };
const log = (service: string): Logger => createLogger(service, YUNWEI_LOG_LEVEL, YUNWEI_LOG === "file" ? logFile : undefined);
const plane = createDataPlane(settings, log, {
  handle: (subscription, batch) => control.remote.handle(subscription, batch),
  cut: (subscription, partition, firstOffset) => control.remote.cut(subscription, partition, firstOffset),
});
const control = linkThreads<ControlPlaneCalls>(parentPort!, plane);
