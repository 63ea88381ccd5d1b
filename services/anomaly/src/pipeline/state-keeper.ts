import type { Logger } from "@yunwei/service-kit";
import type { Band } from "../domain/detector.ts";
import { takeSnapshot } from "../domain/snapshot.ts";
import type { DetectorStatus } from "../http/anomaly.routes.ts";
import type { SnapshotStore } from "../ports.ts";
import type { Detection } from "./detection.ts";
import type { FindingOutbox } from "./finding-outbox.ts";

export interface KeeperParts {
  readonly detection: Detection;
  readonly outbox: FindingOutbox;
  readonly snapshots: SnapshotStore;
  /** Ends the windows that are due; one per derived topic. */
  readonly closers: readonly (() => void)[];
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/** A full process is said again at most this often. */
const REFUSALS_EVERY_MS = 60_000;

/** What happens by the clock: windows and absences without data, snapshots, figures. */
export class StateKeeper {
  readonly #parts: KeeperParts;
  #snapshotMs: number | undefined;
  #measuredMs = 0;
  #measuredPoints = 0;
  #pointsPerSecond = 0;
  #refusalsMs = 0;
  #refusals = 0;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** Starts the clocks; failures are logged and tried again at the next turn. @returns stops them and waits for the turn in hand */
  start(tickMs: number, snapshotEveryMs: number): () => Promise<void> {
    let running: Promise<void> = Promise.resolve();
    let busy = false;
    const turn = (work: () => Promise<void>, what: string): void => {
      if (busy) return;
      busy = true;
      running = work()
        .catch((error: unknown) => this.#parts.logger.warn({ err: error }, `${what} failed; it is tried again`))
        .finally(() => {
          busy = false;
        });
    };
    const ticks = setInterval(() => turn(() => this.tick(), "detection by the clock"), tickMs);
    const saves = setInterval(() => turn(() => this.snapshot(), "the detector's snapshot"), snapshotEveryMs);
    ticks.unref();
    saves.unref();
    return async () => {
      clearInterval(ticks);
      clearInterval(saves);
      await running;
    };
  }

  /** One turn of the clock: closes windows, finds absences, tells both. @throws what the bus throws; nothing is lost then */
  async tick(): Promise<void> {
    const { detection, outbox, closers, nowMs } = this.#parts;
    for (const close of closers) close();
    const absences = detection.sweep(nowMs());
    this.#measure();
    await outbox.flush([...detection.detector.drain(), ...absences]);
  }

  /** Leaves a snapshot whose findings are all told. */
  async snapshot(): Promise<void> {
    const { detection, outbox, snapshots, nowMs } = this.#parts;
    const takenMs = nowMs();
    await outbox.flush(detection.detector.drain());
    // Points that came while it was written may have opened anomalies: those are told before the snapshot counts, or a crash would lose them.
    await snapshots.save(takeSnapshot(detection, takenMs), () => outbox.flush(detection.detector.drain()));
    this.#snapshotMs = takenMs;
  }

  status(): DetectorStatus {
    const { detector, presence } = this.#parts.detection;
    return {
      series: detector.table.used,
      maxSeries: detector.maxSeries,
      refusedSeries: detector.refusedSeries,
      points: detector.points,
      latePoints: detector.latePoints,
      pointsPerSecond: this.#pointsPerSecond,
      openAnomalies: detector.openAnomalies + presence.open,
      stateBytes: detector.table.bytes,
      snapshotAgeMs: this.#snapshotMs === undefined ? null : this.#parts.nowMs() - this.#snapshotMs,
      tau: detector.tau,
    };
  }

  /** The band of a series at its newest point. */
  bandOf(seriesId: string): Band | undefined {
    const { detector } = this.#parts.detection;
    return detector.bandOf(seriesId, detector.lastMsOf(seriesId));
  }

  #measure(): void {
    const { detection, logger, nowMs } = this.#parts;
    const { points, refusedSeries } = detection.detector;
    const now = nowMs();
    if (now - this.#measuredMs >= 1000) {
      if (this.#measuredMs > 0) this.#pointsPerSecond = ((points - this.#measuredPoints) * 1000) / (now - this.#measuredMs);
      this.#measuredMs = now;
      this.#measuredPoints = points;
    }
    if (refusedSeries > this.#refusals && now - this.#refusalsMs >= REFUSALS_EVERY_MS) {
      logger.warn(
        { refused: refusedSeries, series: detection.detector.table.used, maxSeries: detection.detector.maxSeries },
        "the detector is full: new series are stored but not scored; raise maxSeries or run another detector",
      );
      this.#refusals = refusedSeries;
      this.#refusalsMs = now;
    }
  }
}
