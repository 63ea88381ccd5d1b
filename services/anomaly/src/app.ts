import { join } from "node:path";
import type { Bus, Subscription } from "@yunwei/bus";
import { RequestReader } from "@yunwei/otlp";
import { OTLP_LOGS_TOPIC, OTLP_METRICS_TOPIC, OTLP_SPANS_TOPIC } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";
import type { Store } from "@yunwei/store";
import { FolderSnapshotStore } from "./adapters/folder-snapshot-store.ts";
import type { Band, DetectorOptions } from "./domain/detector.ts";
import type { DetectorStatus } from "./http/anomaly.routes.ts";
import { FindingOutbox } from "./pipeline/finding-outbox.ts";
import { logPipeline } from "./pipeline/logs.ts";
import { metricsHandler } from "./pipeline/metrics.ts";
import { spanPipeline } from "./pipeline/spans.ts";
import { startDetection } from "./pipeline/start-detection.ts";
import { StateKeeper } from "./pipeline/state-keeper.ts";
import { observeSelf } from "./self-metrics.ts";

export interface AnomalyParts {
  readonly bus: Bus;
  readonly store: Store;
  /** Shared with the rest of the process; by default one of its own. */
  readonly reader?: RequestReader;
  readonly logger: Logger;
  /** The snapshot lies in its sub-folder `anomaly`. */
  readonly dataFolder: string;
  /** Process clock: silence of whole sources, snapshot age. */
  readonly nowMs: () => number;
  readonly detector?: DetectorOptions;
  /** How often windows are closed and absences looked for without data; default 1,000. */
  readonly tickMs?: number;
  /** Default 60,000. */
  readonly snapshotEveryMs?: number;
}

export interface AnomalyService {
  readonly status: () => DetectorStatus;
  /** What is expected of a series now (its last time), or undefined when it is not known. */
  readonly bandOf: (seriesId: string) => Band | undefined;
  /** Stops reading, tells what is untold, and leaves a snapshot. Idempotent. */
  readonly close: () => Promise<void>;
}

const GROUP_ID = "anomaly";
/** A commit for every message would cost more than the message. */
const LINGER_MS = 40;

/** Starts detection: restores or warms up, then subscribes to the three OTLP topics. */
export async function createAnomaly(parts: AnomalyParts): Promise<AnomalyService> {
  const { bus, store, reader = new RequestReader(1), logger, nowMs } = parts;
  const snapshots = new FolderSnapshotStore(join(parts.dataFolder, "anomaly"));
  const detection = await startDetection({ options: parts.detector ?? {}, snapshots, store, logger, nowMs });
  const outbox = new FindingOutbox(bus, store, logger, detection.detector.tau);
  const pipeline = { reader, detection, outbox, logger, nowMs };
  const spans = spanPipeline(pipeline);
  const logs = logPipeline(pipeline);
  const keeper = new StateKeeper({ detection, outbox, snapshots, closers: [spans.close, logs.close], logger, nowMs });
  const subscriptions = await Promise.all([
    bus.subscribe({ topic: OTLP_METRICS_TOPIC, groupId: GROUP_ID, lingerMs: LINGER_MS }, metricsHandler(pipeline)),
    bus.subscribe({ topic: OTLP_SPANS_TOPIC, groupId: GROUP_ID, lingerMs: LINGER_MS }, spans.handler),
    bus.subscribe({ topic: OTLP_LOGS_TOPIC, groupId: GROUP_ID, lingerMs: LINGER_MS }, logs.handler),
  ]);
  const stopMetrics = observeSelf(detection, outbox);
  const stopTicks = keeper.start(parts.tickMs ?? 1000, parts.snapshotEveryMs ?? 60_000);
  const status = (): DetectorStatus => keeper.status();
  const bandOf = (seriesId: string): Band | undefined => keeper.bandOf(seriesId);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= shutDown(subscriptions, keeper, stopTicks, stopMetrics);
    return closed;
  };
  return { status, bandOf, close };
}

async function shutDown(subscriptions: readonly Subscription[], keeper: StateKeeper, stopTicks: () => Promise<void>, stopMetrics: () => void): Promise<void> {
  stopMetrics();
  await stopTicks();
  for (const subscription of subscriptions) await subscription.close();
  await keeper.snapshot();
}
