import type { Band, DetectorStatus } from "@yunwei/anomaly";
import type { BusCallbacks, BusCalls } from "@yunwei/bus";
import type { IngestOffice } from "@yunwei/console";
import type { IngestToken, RelayStatus } from "@yunwei/ingest";
import type { StandaloneConfig } from "../config.ts";
import type { FolderPaths } from "../data-folder.ts";

/** What the thread of the data plane is given; plain data. */
export interface DataPlaneSettings {
  readonly config: StandaloneConfig;
  readonly folder: FolderPaths;
  /** Ports that a person asked for are not replaced when taken. */
  readonly exactPorts: { readonly otlp: boolean; readonly grpc: boolean };
  readonly tokens: readonly IngestToken[];
  /** Our own telemetry is sent with it. */
  readonly localSecret: string;
  readonly version: string;
}

type Letters = IngestOffice["deadLetters"];

/**
 * The data plane as the control plane sees it: the bus, and what ingest and detection know and no table does. It is opened in
 * three steps, in this order; each throws a YunweiError that says what to do.
 */
export interface DataPlaneCalls extends BusCalls, Omit<IngestOffice, "deadLetters"> {
  /** OTLP/HTTP listens; senders are told to come again. @returns its address */
  openDoor(): Promise<string>;
  /** ClickHouse, with its tables up to date, and the bus. */
  openEngines(): Promise<void>;
  /** Everything else, running. */
  openServices(): Promise<{ readonly grpcPort: number; readonly deviceDoors: Readonly<Record<string, number>> }>;
  /** Closes what is open. Idempotent. */
  closePlane(): Promise<void>;
  lag(): Promise<number>;
  listLetters(...filter: Parameters<Letters["list"]>): ReturnType<Letters["list"]>;
  showLetter(...id: Parameters<Letters["show"]>): ReturnType<Letters["show"]>;
  replayLetter(...request: Parameters<Letters["replay"]>): ReturnType<Letters["replay"]>;
  /** undefined where nothing is relayed. */
  relayStatus(): Promise<RelayStatus | undefined>;
  detectorStatus(): Promise<DetectorStatus>;
  bandOf(seriesId: string): Promise<Band | undefined>;
}

/** What the data plane asks of the control plane. */
export interface ControlPlaneCalls extends BusCallbacks {
  /** A line for the log file, which only one thread may write and set aside. */
  writeLog(line: string): Promise<void>;
}
