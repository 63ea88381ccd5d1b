import type { RequestReader } from "@yunwei/otlp";
import type { Logger } from "@yunwei/service-kit";
import { DerivedFeed } from "../domain/derived-feed.ts";
import { Detector, type DetectorOptions } from "../domain/detector.ts";
import type { Finding } from "../domain/finding.ts";
import { Presence } from "../domain/presence.ts";
import { ReportedDatabases } from "../domain/reported-databases.ts";
import type { DetectorParts } from "../domain/snapshot.ts";
import { SourceClocks } from "../domain/source-clocks.ts";
import type { FindingOutbox } from "./finding-outbox.ts";

/** Entities of a source are judged when its clock has gone this far. */
const SWEEP_EVERY_MS = 10_000;

/** The detector of the process with all that feeds it; one per process, used by every pipeline. */
export class Detection implements DetectorParts {
  readonly detector: Detector;
  readonly presence: Presence;
  /** Clocks of the sources' metrics. */
  readonly clocks = new SourceClocks();
  readonly feed: DerivedFeed;
  readonly databases = new ReportedDatabases();
  readonly #sweptMs = new Map<string, number>();

  constructor(options: DetectorOptions) {
    this.detector = new Detector(options);
    this.presence = new Presence(this.detector);
    this.feed = new DerivedFeed(this.detector, this.presence);
  }

  /** Looks for entities that stopped reporting, where enough time has passed. @param nowMs - process clock */
  sweep(nowMs: number): Finding[] {
    const findings: Finding[] = [];
    this.clocks.advanceAll(nowMs);
    for (const [source, clock] of this.clocks.all()) {
      const { watermarkMs } = clock;
      if (Math.abs(watermarkMs - (this.#sweptMs.get(source) ?? 0)) < SWEEP_EVERY_MS) continue;
      this.#sweptMs.set(source, watermarkMs);
      findings.push(...this.presence.sweep(source, clock));
    }
    return findings;
  }
}

/** What a pipeline needs. */
export interface PipelineParts {
  /** Of the process (RequestReader). */
  readonly reader: RequestReader;
  readonly detection: Detection;
  readonly outbox: FindingOutbox;
  readonly logger: Logger;
  readonly nowMs: () => number;
}
