import type { AlertGroupMessage, RcaReport } from "@yunwei/schemas";

/** Keeps reports and the groups they belong to. */
export interface ReportStore {
  /** Idempotent by (groupId, revision). */
  save(report: RcaReport): Promise<void>;
  /** Keeps the newest revision of a group. */
  saveGroup(group: AlertGroupMessage): Promise<void>;
  /** The report of the highest revision, or undefined. */
  latest(groupId: string): Promise<RcaReport | undefined>;
  /** Groups that were open when we stopped, with their latest reports. */
  openGroups(): Promise<{ report: RcaReport; group: AlertGroupMessage }[]>;
}
