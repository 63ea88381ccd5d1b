import type { AlertGroupMessage, EntityKey } from "@yunwei/schemas";
import type { Topology } from "@yunwei/topology";
import { type Alert, isActive, SEVERITY_RANK } from "./alert.ts";
import { type MakeId, nanos } from "./alert-book.ts";
import { relatedTo } from "./relatedness.ts";

/** An alert joins a group whose newest alert began at most this long before it (event time) ... */
const GAP_MS = 5 * 60_000;
/** ... and whose first began at most this long ago: chains of coincidence must end. */
const MAX_AGE_MS = 60 * 60_000;
const MAX_LISTED = 500;
const MAX_JOINS = 20;
/** Source of readings of static policies: the store does not keep which token sent a point. */
export const STORE_SOURCE = "store";

/** Alerts that belong together, and since when. */
export interface AlertGroup {
  readonly groupId: string;
  readonly source: string;
  revision: number;
  readonly members: Map<string, Alert>;
  readonly joins: string[];
  startedMs: number;
  updatedMs: number;
  resolvedMs: number | undefined;
}

/** Groups that are open. Pure: the graph and the clock come in. */
export class GroupBook {
  readonly open = new Map<string, AlertGroup>();
  readonly #id: MakeId;

  constructor(id: MakeId) {
    this.#id = id;
  }

  restore(group: AlertGroup): void {
    this.open.set(group.groupId, group);
  }

  /** Puts an alert that fired into the group it belongs to, or into one of its own. Groups that it ties together become one: the oldest stays. */
  place(alert: Alert, topology: Topology, atMs: number): { group: AlertGroup; absorbed: readonly AlertGroup[] } {
    if (alert.groupId !== undefined) {
      const own = this.open.get(alert.groupId);
      if (own !== undefined) return { group: touch(own, atMs), absorbed: [] };
    }
    const startedMs = Number(alert.summary.startedUnixNano) / 1e6;
    const steps = relatedTo(topology, alert.summary.entity as EntityKey);
    const fitting = [...this.open.values()]
      .map((group) => ({ group, join: this.#joinOf(group, alert, startedMs, steps, topology) }))
      .filter((one): one is { group: AlertGroup; join: string } => one.join !== undefined)
      .sort((a, b) => a.group.startedMs - b.group.startedMs || (a.group.groupId < b.group.groupId ? -1 : 1));
    const first = fitting[0];
    const group = first?.group ?? this.#create(alert, startedMs, atMs);
    group.members.set(alert.summary.alertId, alert);
    alert.groupId = group.groupId;
    group.startedMs = Math.min(group.startedMs, startedMs);
    if (first !== undefined) noteJoin(group, first.join);
    for (const { group: other, join } of fitting.slice(1)) this.#absorb(group, other, join);
    return { group: touch(group, atMs), absorbed: fitting.slice(1).map((one) => one.group) };
  }

  #create(alert: Alert, startedMs: number, atMs: number): AlertGroup {
    const group: AlertGroup = {
      groupId: this.#id("group", alert.summary.alertId),
      source: alert.source,
      revision: 0,
      members: new Map(),
      joins: [],
      startedMs,
      updatedMs: atMs,
      resolvedMs: undefined,
    };
    this.open.set(group.groupId, group);
    return group;
  }

  /** Why an alert belongs to a group, or undefined. */
  #joinOf(group: AlertGroup, alert: Alert, startedMs: number, steps: ReadonlyMap<EntityKey, number>, topology: Topology): string | undefined {
    if (!sameClock(group.source, alert.source) || startedMs - group.updatedMs > GAP_MS || startedMs - group.startedMs > MAX_AGE_MS) return undefined;
    const { entity, site, direction } = alert.summary;
    for (const { summary } of group.members.values()) {
      const distance = steps.get(summary.entity as EntityKey);
      if (distance !== undefined) return distance === 0 ? `${entity}: same entity` : `${entity} - ${summary.entity}: ${distance} step(s) on the graph`;
      if (direction === "absent" && summary.direction === "absent" && site !== "" && site === summary.site)
        return `${entity} - ${summary.entity}: silent together at ${site}`;
      if (relatesToWhole(topology, summary.entity as EntityKey, site)) return `${entity}: at ${site}, where ${summary.entity} failed`;
    }
    return undefined;
  }

  #absorb(group: AlertGroup, other: AlertGroup, join: string): void {
    for (const [id, member] of other.members) {
      group.members.set(id, member);
      member.groupId = group.groupId;
    }
    group.startedMs = Math.min(group.startedMs, other.startedMs);
    noteJoin(group, join);
    other.members.clear();
    this.open.delete(other.groupId);
  }

  /** Ends groups none of whose members is seen any more. */
  closeIdle(atMs: (group: AlertGroup) => number): AlertGroup[] {
    const closed: AlertGroup[] = [];
    for (const group of this.open.values()) {
      if ([...group.members.values()].some(({ summary }) => isActive(summary.condition))) continue;
      group.resolvedMs = atMs(group);
      group.updatedMs = group.resolvedMs;
      this.open.delete(group.groupId);
      closed.push(group);
    }
    return closed;
  }
}

/** Times of two sources compare only when they are one, or when one is what we read back from the store. */
function sameClock(a: string, b: string): boolean {
  return a === b || a === STORE_SOURCE || b === STORE_SOURCE;
}

/** Whether a failed site, rack or link of a site explains that anything there is in trouble. */
function relatesToWhole(topology: Topology, failed: EntityKey, site: string): boolean {
  if (site === "") return false;
  if (failed.startsWith("rack:") || failed.startsWith("site:")) return topology.siteOf(failed) === site;
  return false;
}

function touch(group: AlertGroup, atMs: number): AlertGroup {
  group.updatedMs = Math.max(group.updatedMs, atMs);
  return group;
}

function noteJoin(group: AlertGroup, join: string): void {
  group.joins.push(join);
  if (group.joins.length > MAX_JOINS) group.joins.shift();
}

/** The group as others see it, at its present revision. */
export function groupMessage(group: AlertGroup, id: MakeId): AlertGroupMessage {
  const all = [...group.members.values()].map((alert) => alert.summary);
  const listed = [...all]
    .sort((a, b) => SEVERITY_RANK[b.severity] - SEVERITY_RANK[a.severity] || b.peakScore - a.peakScore || (a.alertId < b.alertId ? -1 : 1))
    .slice(0, MAX_LISTED);
  const distinct = (values: readonly string[]): string[] => [...new Set(values.filter((value) => value !== ""))].sort();
  return {
    messageId: id("alert-group", group.groupId, group.revision),
    groupId: group.groupId,
    revision: group.revision,
    state: group.resolvedMs === undefined ? "open" : "resolved",
    severity: listed.reduce((most, { severity }) => (SEVERITY_RANK[severity] > SEVERITY_RANK[most] ? severity : most), "info" as AlertGroupMessage["severity"]),
    startedUnixNano: nanos(group.startedMs),
    updatedUnixNano: nanos(group.updatedMs),
    ...(group.resolvedMs === undefined ? {} : { resolvedUnixNano: nanos(group.resolvedMs) }),
    alerts: structuredClone(listed),
    alertCount: all.length,
    sites: distinct(all.map((alert) => alert.site)),
    departments: distinct(all.map((alert) => alert.department)),
    joins: [...group.joins],
    source: group.source,
  };
}
