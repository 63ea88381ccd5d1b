import type { AlertSummary, Anomaly } from "@yunwei/schemas";
import { type Alert, isActive } from "./alert.ts";
import { type AlertInput, nextCondition } from "./alert-lifecycle.ts";
import { type AlertPolicy, durationMs, policyFor, type StaticPolicy } from "./alert-policy.ts";

/** A new value held against a static policy. */
export interface StaticReading
  extends Pick<AlertSummary, "entity" | "service" | "site" | "tier" | "department" | "metric" | "unit" | "seriesId" | "family" | "labels"> {
  readonly policy: StaticPolicy;
  readonly value: number;
  readonly timeMs: number;
  readonly breached: boolean;
  readonly source: string;
}

/** Told of each change of an alert that people see, in order. */
export interface AlertChange {
  readonly alert: Alert;
  readonly event: "fired" | "recovering" | "refired" | "no_data" | "resolved" | "updated";
  readonly atMs: number;
}

const DEFAULT_KEEP_MS = 30_000;
const MAX_ALERTS = 50_000;

export type MakeId = (...parts: readonly (string | number)[]) => string;

/** All alerts that are pending or seen, by fingerprint. Pure: ids and clocks come in. */
export class AlertBook {
  readonly alerts = new Map<string, Alert>();
  /** Alerts by the anomaly that raised them: updates and the close find their alert even when policies have changed since. */
  readonly #byAnomaly = new Map<string, string>();
  readonly #id: MakeId;

  constructor(id: MakeId) {
    this.#id = id;
  }

  /** Puts a saved alert back. */
  restore(alert: Alert): void {
    this.alerts.set(alert.fingerprint, alert);
  }

  takeAnomaly(anomaly: Anomaly, policies: readonly AlertPolicy[]): AlertChange[] {
    const atMs = Number(anomaly.timeUnixNano) / 1e6;
    const silenced = anomaly.detector === "absence" && anomaly.state === "open" ? this.#silence(anomaly.entity, atMs) : [];
    const policy = policyFor(policies, anomaly);
    const fingerprint =
      this.#byAnomaly.get(anomaly.anomalyId) ??
      (policy === undefined ? undefined : `${policy.id}|${anomaly.detector === "absence" ? anomaly.entity : anomaly.seriesId}`);
    if (fingerprint === undefined) return silenced;
    const known = this.alerts.get(fingerprint);
    if (anomaly.state === "close") {
      this.#byAnomaly.delete(anomaly.anomalyId);
      return [...silenced, ...(known === undefined ? [] : this.#input(known, "clear", atMs))];
    }
    if (known !== undefined) {
      this.#byAnomaly.set(anomaly.anomalyId, fingerprint);
      return [...silenced, ...this.#breach(known, anomaly, atMs)];
    }
    if (policy === undefined || this.alerts.size >= MAX_ALERTS) return silenced;
    this.#byAnomaly.set(anomaly.anomalyId, fingerprint);
    const startedMs = Number(anomaly.onsetUnixNano) / 1e6;
    const summary = this.#summary(policy, fingerprint, anomaly, startedMs);
    return [
      ...silenced,
      ...this.#open(
        {
          summary,
          fingerprint,
          source: anomaly.source,
          sinceMs: startedMs,
          lastMs: atMs,
          forMs: durationMs(policy.for, 0),
          keepFiringMs: durationMs(policy.keepFiring, DEFAULT_KEEP_MS),
          groupId: undefined,
        },
        atMs,
      ),
    ];
  }

  takeReading(reading: StaticReading): AlertChange[] {
    const { policy, timeMs, breached, value } = reading;
    const fingerprint = `${policy.id}|${reading.seriesId}`;
    const known = this.alerts.get(fingerprint);
    if (!breached) return known === undefined ? [] : this.#input(known, "clear", timeMs);
    const beyond = {
      value,
      expected: policy.threshold,
      lower: policy.threshold,
      upper: policy.threshold,
      peakScore: 0,
      direction: policy.op.startsWith(">") ? ("up" as const) : ("down" as const),
    };
    if (known !== undefined) return this.#breach(known, beyond, timeMs);
    if (this.alerts.size >= MAX_ALERTS) return [];
    const { entity, service, site, tier, department, metric, unit, seriesId, family, labels } = reading;
    const place = { entity, service, site, tier, department, metric, unit, seriesId, family, labels };
    const summary: AlertSummary = {
      alertId: this.#id("alert", fingerprint, timeMs),
      policyId: policy.id,
      condition: "pending",
      severity: policy.severity,
      ...place,
      ...beyond,
      startedUnixNano: nanos(timeMs),
      firedUnixNano: "0",
    };
    return this.#open(
      {
        summary,
        fingerprint,
        source: reading.source,
        sinceMs: timeMs,
        lastMs: timeMs,
        forMs: durationMs(policy.for, 0),
        keepFiringMs: durationMs(policy.keepFiring, DEFAULT_KEEP_MS),
        groupId: undefined,
      },
      timeMs,
    );
  }

  /** Lets time pass: what has waited long enough moves on. @param nowOf - event time now of a source */
  tick(nowOf: (source: string) => number): AlertChange[] {
    const changes: AlertChange[] = [];
    for (const alert of this.alerts.values()) {
      const waitMs =
        alert.summary.condition === "pending" ? alert.forMs : alert.summary.condition === "recovering" ? alert.keepFiringMs : Number.POSITIVE_INFINITY;
      const nowMs = nowOf(alert.source);
      if (nowMs - alert.sinceMs >= waitMs) changes.push(...this.#move(alert, "held", alert.sinceMs + waitMs));
    }
    return changes;
  }

  #summary(policy: AlertPolicy, fingerprint: string, anomaly: Anomaly, startedMs: number): AlertSummary {
    const { entity, service, site, tier, department, metric, unit, seriesId, family, labels, edge, value, expected, lower, upper, peakScore, direction } =
      anomaly;
    return {
      alertId: this.#id("alert", fingerprint, startedMs),
      policyId: policy.id,
      condition: "pending",
      severity: policy.severity,
      entity,
      service,
      site,
      tier,
      department,
      metric,
      unit,
      seriesId,
      family,
      labels,
      ...(edge === undefined ? {} : { edge }),
      value,
      expected,
      lower,
      upper,
      peakScore,
      direction,
      startedUnixNano: anomaly.onsetUnixNano,
      firedUnixNano: "0",
    };
  }

  #open(alert: Alert, atMs: number): AlertChange[] {
    this.alerts.set(alert.fingerprint, alert);
    return atMs - alert.sinceMs >= alert.forMs ? this.#move(alert, "held", atMs) : [];
  }

  #breach(alert: Alert, now: Pick<AlertSummary, "value" | "expected" | "lower" | "upper" | "peakScore" | "direction">, atMs: number): AlertChange[] {
    if (atMs < alert.lastMs) return [];
    const worse = now.peakScore >= alert.summary.peakScore;
    const { value, expected, lower, upper, direction } = now;
    if (worse) Object.assign(alert.summary, { value, expected, lower, upper, direction, peakScore: now.peakScore });
    const changes = this.#input(alert, "breach", atMs);
    if (alert.summary.condition === "pending" && atMs - alert.sinceMs >= alert.forMs) return [...changes, ...this.#move(alert, "held", atMs)];
    return changes;
  }

  #input(alert: Alert, input: AlertInput, atMs: number): AlertChange[] {
    if (atMs < alert.lastMs) return [];
    alert.lastMs = atMs;
    return this.#move(alert, input, atMs);
  }

  #silence(entity: string, atMs: number): AlertChange[] {
    const changes: AlertChange[] = [];
    for (const alert of this.alerts.values())
      if (alert.summary.entity === entity && alert.summary.family !== "availability") changes.push(...this.#move(alert, "silence", atMs));
    return changes;
  }

  #move(alert: Alert, input: AlertInput, atMs: number): AlertChange[] {
    const from = alert.summary.condition;
    const to = nextCondition(from, input);
    if (to === from) return [];
    if (to === undefined) {
      this.alerts.delete(alert.fingerprint);
      return [];
    }
    alert.summary.condition = to;
    alert.sinceMs = atMs;
    if (to === "firing" && from === "pending") alert.summary.firedUnixNano = nanos(atMs);
    if (to === "resolved") {
      alert.summary.resolvedUnixNano = nanos(atMs);
      this.alerts.delete(alert.fingerprint);
    }
    return [{ alert, atMs, event: to === "firing" ? (from === "pending" ? "fired" : "refired") : to === "pending" ? "updated" : to }];
  }

  /** Alerts that people see now. */
  active(): Alert[] {
    return [...this.alerts.values()].filter((alert) => isActive(alert.summary.condition));
  }
}

export function nanos(ms: number): string {
  return `${Math.max(0, Math.round(ms * 1000))}000`;
}
