import type { AlertGroupMessage } from "@yunwei/schemas";
import type { Alert } from "./domain/alert.ts";
import type { AlertChange, StaticReading } from "./domain/alert-book.ts";
import type { StaticPolicy } from "./domain/alert-policy.ts";
import type { AlertGroup } from "./domain/group-book.ts";

/** What must survive a restart. */
export interface AlertStore {
  /** Saves alerts and groups and hands the groups' messages to the bus: all or nothing. */
  save(alerts: readonly Alert[], groups: readonly AlertGroup[], messages: readonly AlertGroupMessage[]): Promise<void>;
  /** Pending and seen alerts, and open groups with their members. */
  load(): Promise<{ alerts: readonly Alert[]; groups: readonly AlertGroup[] }>;
  group(groupId: string): Promise<AlertGroupMessage | undefined>;
  close(): Promise<void>;
}

/** Values to hold against static policies, and the history of alerts. */
export interface AlertTelemetry {
  /** Newest points of the policy's metric since `sinceMs` (event time), oldest first, at most 20,000. */
  readings(policy: StaticPolicy, sinceMs: number): Promise<StaticReading[]>;
  /** Appends to alert_events. */
  record(changes: readonly AlertChange[]): Promise<void>;
}
