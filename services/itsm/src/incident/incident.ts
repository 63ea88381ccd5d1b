import type { IncidentPriority, IncidentState } from "@yunwei/schemas";

/** A text in both languages of the interface. */
export interface Text {
  readonly zh: string;
  readonly en: string;
}

/** From `atMs` until the next span the incident was in this condition: all that the clocks need of the log. */
export interface StateSpan {
  readonly atMs: number;
  readonly state: IncidentState;
  readonly acknowledged: boolean;
  /** Why it waits, while `pending`. */
  readonly waitReason?: string;
}

/** An incident: the fold of its event log (see incident-fold.ts). Times `...Ms` are Unix milliseconds. */
export interface Incident {
  readonly incidentId: string;
  readonly number: string;
  /** Of the last entry folded in. */
  readonly seq: number;
  readonly state: IncidentState;
  readonly priority: IncidentPriority;
  /** 1 (widest) to 4. */
  readonly impact: number;
  /** 1 (most urgent) to 3. */
  readonly urgency: number;
  readonly major: boolean;
  readonly title: Text;
  readonly groupId?: string;
  /** Event time; the others are process time. */
  readonly startedAtMs: number;
  readonly detectedAtMs: number;
  readonly createdAtMs: number;
  readonly acknowledgedAtMs?: number;
  readonly restoredAtMs?: number;
  readonly resolvedAtMs?: number;
  readonly assignee?: string;
  readonly assigneeGroup?: string;
  readonly sites: readonly string[];
  readonly services: readonly string[];
  readonly departments: readonly string[];
  readonly alertCount: number;
  readonly reopenCount: number;
  readonly reassignCount: number;
  readonly parentId?: string;
  readonly recurrenceOf?: string;
  /** What the newest report names: `entity|mode`, `external_load`, or "" for "not determined"; absent = never named. */
  readonly namedCause?: string;
  /** Whether the alerts of its group still fire; absent without a group. */
  readonly groupState?: "open" | "resolved";
  readonly spans: readonly StateSpan[];
  /** Clock events that happened; each happens once. */
  readonly clockEvents: readonly string[];
}

/** Who acts. A person comes from a signed-in request, the system never acts as one. */
export interface Actor {
  readonly kind: "person" | "system";
  readonly name: string;
}

export const SYSTEM: Actor = { kind: "system", name: "system" };
