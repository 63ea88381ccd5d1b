import { type EntityKey, familyOfMetric } from "@yunwei/schemas";
import { newestPoints, type Store } from "@yunwei/store";
import type { AlertChange, StaticReading } from "../domain/alert-book.ts";
import type { StaticPolicy } from "../domain/alert-policy.ts";
import { STORE_SOURCE } from "../domain/group-book.ts";
import type { AlertTelemetry } from "../ports.ts";

/** Static policies read what is stored; the history of alerts goes where the telemetry is. */
export class ClickhouseAlertTelemetry implements AlertTelemetry {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async readings(policy: StaticPolicy, sinceMs: number): Promise<StaticReading[]> {
    const rows = await newestPoints(this.#store, policy.metric, sinceMs);
    const { family } = familyOfMetric(policy.metric);
    return rows
      .filter(
        (row) =>
          wanted(policy.entityTypes, row.entity.slice(0, row.entity.indexOf(":"))) &&
          wanted(policy.sites, row.site) &&
          wanted(policy.departments, row.department),
      )
      .map((row) => ({
        policy,
        entity: row.entity as EntityKey,
        service: "",
        site: row.site,
        tier: row.tier,
        department: row.department,
        metric: policy.metric,
        unit: row.unit,
        seriesId: row.seriesId,
        family,
        labels: row.labels,
        value: row.value,
        timeMs: row.timeMs,
        breached: holds(row.value, policy),
        source: STORE_SOURCE,
      }));
  }

  async record(changes: readonly AlertChange[]): Promise<void> {
    await this.#store.insertRows(
      "alert_events",
      changes.map(({ alert: { summary, groupId }, event, atMs }) => ({
        department: summary.department,
        site: summary.site,
        tier: summary.tier,
        alert_id: summary.alertId,
        group_id: groupId ?? "",
        policy_id: summary.policyId,
        entity: summary.entity,
        event,
        severity: summary.severity,
        at: new Date(atMs).toISOString().replace("T", " ").slice(0, 23),
        seq: String(Math.round(atMs)),
        payload: JSON.stringify(summary),
      })),
    );
  }
}

function wanted(list: readonly string[] | undefined, value: string): boolean {
  return list === undefined || list.includes(value);
}

function holds(value: number, { op, threshold }: StaticPolicy): boolean {
  switch (op) {
    case ">":
      return value > threshold;
    case ">=":
      return value >= threshold;
    case "<":
      return value < threshold;
    default:
      return value <= threshold;
  }
}
