import { YunweiError } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";
import type { Store } from "@yunwei/store";
import type { DetectorOptions } from "../domain/detector.ts";
import { restoreSnapshot } from "../domain/snapshot.ts";
import type { SnapshotStore } from "../ports.ts";
import { Detection } from "./detection.ts";
import { warmFromStore } from "./warm-from-store.ts";

export interface StartParts {
  readonly options: DetectorOptions;
  readonly snapshots: SnapshotStore;
  readonly store: Store;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/** The detection of this process: from the snapshot, else warmed up from history, else fresh; the log says which. */
export async function startDetection(parts: StartParts): Promise<Detection> {
  return (await fromSnapshot(parts)) ?? (await fromHistory(parts));
}

async function fromSnapshot({ options, snapshots, logger, nowMs }: StartParts): Promise<Detection | undefined> {
  let problem: string | undefined;
  try {
    const pieces = await snapshots.load();
    if (pieces === undefined) return undefined;
    const detection = new Detection(options);
    problem = restoreSnapshot(detection, pieces, nowMs());
    if (problem === undefined) {
      const taken = pieces[0]?.kind === "head" ? pieces[0].takenMs : 0;
      logger.info({ series: detection.detector.table.used, ageMs: nowMs() - taken }, "detector restored from its snapshot");
      return detection;
    }
  } catch (error) {
    if (!(error instanceof YunweiError) || error.code !== "YUNWEI_DATA_FOLDER_CORRUPT") throw error;
    problem = error.message;
  }
  const aside = await snapshots.setAside();
  logger.warn({ problem, aside }, "the detector's snapshot cannot be used and was set aside; history warms the detector up instead");
  return undefined;
}

async function fromHistory({ options, store, logger }: StartParts): Promise<Detection> {
  const detection = new Detection(options);
  try {
    const report = await warmFromStore(detection.detector, store);
    logger.info(report, "detector warmed up from history");
    return detection;
  } catch (error) {
    logger.warn({ err: error }, "no warm-up: history cannot be read; the detector starts fresh and learns from the stream");
    return new Detection(options);
  }
}
