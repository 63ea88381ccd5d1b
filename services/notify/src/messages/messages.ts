import type { CauseMode, EntityType, EvidenceFamily } from "@yunwei/schemas";
import type { NotificationKind } from "../notification/notification-kind.ts";

/** How far an action reaches: whether somebody must approve it. */
export type ActionRisk = "read_only" | "reversible" | "irreversible";

export interface Action {
  readonly text: string;
  readonly risk: ActionRisk;
}

/** Everything notify says to people, in one language. Each function gives one line without a line break. */
export interface NotifyMessages {
  readonly entityTypes: Readonly<Record<EntityType, string>>;
  readonly modes: Readonly<Record<CauseMode, string>>;
  readonly families: Readonly<Record<EvidenceFamily, string>>;
  readonly actions: Readonly<Record<CauseMode | "undetermined" | "external_load", Action>>;
  readonly site: (id: string) => string;
  readonly heading: (kind: NotificationKind, priority: string, breachedClock: "respond" | "restore") => string;
  readonly listed: (names: readonly string[], total: number) => string;
  readonly noData: string;
  readonly days: string;
  readonly hours: string;
  readonly minutes: string;
  readonly reading: (what: string, value: string, expected: string) => string;
  readonly symptomLine: (reading: string, since: string) => string;
  readonly duringLine: (reading: string, since: string) => string;
  readonly sinceLine: (since: string) => string;
  readonly impactLine: (services: string, departments: string, sites: string) => string;
  readonly none: string;
  readonly cause: (what: string, mode: string, percent: string) => string;
  readonly causeLine: (cause: string) => string;
  readonly undeterminedLine: string;
  readonly externalLoadLine: (percent: string) => string;
  readonly evidenceLine: (readings: readonly string[]) => string;
  readonly secondLine: (cause: string) => string;
  readonly candidatesLine: (causes: readonly string[]) => string;
  readonly change: (title: string, time: string) => string;
  readonly suspectedChangesLine: (changes: string, total: number) => string;
  readonly innocentChangesLine: (total: number) => string;
  readonly noChangesLine: string;
  readonly compressedLine: (alerts: number) => string;
  readonly actionLine: (action: Action) => string;
  readonly unclaimedLine: (deadline: string, left: string) => string;
  readonly unclaimedLateLine: (deadline: string) => string;
  readonly assignedLine: (who: string, deadline: string, left: string) => string;
  readonly workingLine: (who: string, deadline: string, left: string) => string;
  readonly workingLateLine: (who: string, deadline: string) => string;
  readonly restoredLine: (time: string, duration: string, who: string) => string;
}
