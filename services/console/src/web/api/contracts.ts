import type { AlertGroupMessage, IncidentSnapshot } from "@yunwei/schemas";
import type { Overview } from "../../domain/overview.ts";

export type { RcaReport } from "@yunwei/schemas";
export type { SiteState, Tile } from "../../domain/overview.ts";

export interface Session {
  readonly name: string;
  readonly role: "admin" | "operator" | "manager";
  readonly permissions: readonly string[];
}

export type OverviewReply = Overview & { readonly at: string; readonly telemetryKnown: boolean };

export type Incident = IncidentSnapshot;
export interface IncidentPage {
  readonly incidents: readonly Incident[];
  readonly nextCursor?: string;
}
export interface IncidentReply {
  readonly incident: Incident;
  /** What the person who asks may do next. */
  readonly moves: readonly string[];
}
export interface IncidentEvent {
  readonly seq: number;
  readonly event: string;
  readonly from?: string;
  readonly to: string;
  readonly actor: string;
  readonly at: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Notification {
  readonly notificationId: string;
  readonly channel: string;
  readonly kind: string;
  readonly state: "pending" | "sent" | "dead" | "skipped";
  readonly reason: string;
  readonly tries: number;
  readonly text?: { readonly zh: string; readonly en: string };
  readonly createdAt: string;
  readonly sentAt?: string;
}

export type AlertGroup = AlertGroupMessage;

export interface SeriesPoints {
  readonly seriesId: string;
  readonly metric: string;
  readonly unit: string;
  readonly reading: "value" | "rate" | "mean";
  readonly resolution: "raw" | "5m" | "1h" | "derived";
  readonly points: readonly (readonly [timeMs: number, value: number | null])[];
  readonly reason?: "no_points" | "not_stored";
}

export interface EntityNode {
  readonly entity: string;
  readonly type: string;
  readonly site: string;
  readonly department: string;
  readonly declared: boolean;
}
export interface EntityList {
  readonly entities: readonly EntityNode[];
  readonly total: number;
}
export interface Neighbours {
  readonly entities: readonly string[];
  readonly total: number;
}
export interface EntitySeries {
  readonly seriesId: string;
  readonly metric: string;
  readonly unit: string;
  readonly kind: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly readUnit: string;
  readonly last: number | null;
  readonly lastAt?: string;
}
export interface EntityReply {
  readonly node: EntityNode;
  readonly standsOn: Neighbours;
  readonly carries: Neighbours;
  readonly calls: Neighbours;
  readonly calledBy: Neighbours;
  readonly instances: Neighbours;
  readonly at: string;
  readonly series: readonly EntitySeries[];
  readonly seriesTruncated: boolean;
}

export interface SystemReply {
  readonly version: string;
  readonly startedAt: string;
  readonly ingestLag: number;
  readonly tables: readonly { readonly table: string; readonly rows: number; readonly bytes: number }[];
}
