import { metrics } from "@opentelemetry/api";
import type { AlertGroupMessage, Anomaly, EntityKey } from "@yunwei/schemas";
import { contentId, type Logger } from "@yunwei/service-kit";
import type { TopologyCache } from "@yunwei/topology";
import { type Alert, isActive } from "../domain/alert.ts";
import { AlertBook, type AlertChange } from "../domain/alert-book.ts";
import type { AlertPolicy, StaticPolicy } from "../domain/alert-policy.ts";
import { type AlertGroup, GroupBook, groupMessage } from "../domain/group-book.ts";
import { SourceClock } from "../domain/source-clock.ts";
import type { AlertStore, AlertTelemetry } from "../ports.ts";

export interface DeskOptions {
  readonly alerts: AlertStore;
  readonly telemetry: AlertTelemetry;
  readonly topology: TopologyCache;
  readonly policies: () => readonly AlertPolicy[];
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/** Static policies look back this far over what they saw before: points are stored up to some seconds late. */
const OVERLAP_MS = 60_000;
const FIRST_LOOK_MS = 10 * 60_000;
/** How long a new group waits for more before anyone is told. */
const GROUP_WAIT_MS = 1_500;

/** Takes findings in, moves alerts and groups, and saves what changed before it says so. One thing at a time. */
export class AlertingDesk {
  readonly #options: DeskOptions;
  readonly #alerts = new AlertBook(contentId);
  readonly #groups = new GroupBook(contentId);
  readonly #clock = new SourceClock();
  /** What has changed since it was saved last; kept until the save succeeds. */
  readonly #dirtyAlerts = new Map<string, Alert>();
  readonly #dirtyGroups = new Map<string, AlertGroup>();
  #history: AlertChange[] = [];
  readonly #seen = new Map<string, number>();
  /** When a group that nobody was told of yet was first seen, by our clock. */
  readonly #born = new Map<string, number>();
  #turn: Promise<unknown> = Promise.resolve();
  readonly #fired = metrics
    .getMeter("yunwei.alerting")
    .createCounter("yunwei.alerting.alerts", { unit: "{alert}", description: "Alerts that fired, by policy and severity." });

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Takes up where the last run stopped. */
  async restore(): Promise<void> {
    const { alerts, groups } = await this.#options.alerts.load();
    for (const alert of alerts) this.#alerts.restore(alert);
    for (const group of groups) this.#groups.restore(group);
    // An alert that was saved while its young group was still waiting to be told of finds its place again.
    for (const alert of this.#alerts.active()) if (alert.groupId === undefined || !this.#groups.open.has(alert.groupId)) await this.#place(alert, alert.lastMs);
  }

  active(): Alert[] {
    return this.#alerts.active();
  }

  takeAnomalies(anomalies: readonly Anomaly[]): Promise<void> {
    return this.#inTurn(async () => {
      for (const anomaly of anomalies) {
        this.#clock.note(anomaly.source, Number(anomaly.timeUnixNano) / 1e6, this.#options.nowMs());
        await this.#apply(this.#alerts.takeAnomaly(anomaly, this.#options.policies()));
      }
      await this.#tick();
      await this.#save();
    });
  }

  /** Lets time pass; called every second. */
  tick(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#tick();
      await this.#save();
    });
  }

  /** Holds new points against the static policies. */
  lookAtStatic(): Promise<void> {
    return this.#inTurn(async () => {
      for (const policy of this.#options.policies()) if (policy.kind === "static") await this.#look(policy);
      await this.#save();
    });
  }

  async #look(policy: StaticPolicy): Promise<void> {
    const since = this.#seen.get(policy.id) ?? this.#options.nowMs() - FIRST_LOOK_MS;
    const readings = await this.#options.telemetry.readings(policy, since - OVERLAP_MS);
    for (const reading of readings) {
      this.#clock.note(reading.source, reading.timeMs, this.#options.nowMs());
      await this.#apply(this.#alerts.takeReading(reading));
    }
    const newest = readings.at(-1)?.timeMs;
    if (newest !== undefined) this.#seen.set(policy.id, Math.max(since, newest));
  }

  async #tick(): Promise<void> {
    const wallMs = this.#options.nowMs();
    await this.#apply(this.#alerts.tick((source) => this.#clock.now(source, wallMs)));
    for (const group of this.#groups.closeIdle((one) => Math.max(one.updatedMs, ...[...one.members.values()].map((alert) => alert.sinceMs))))
      this.#dirtyGroups.set(group.groupId, group);
  }

  async #apply(changes: readonly AlertChange[]): Promise<void> {
    for (const change of changes) {
      const { alert, event, atMs } = change;
      this.#dirtyAlerts.set(alert.summary.alertId, alert);
      this.#history.push(change);
      if (event === "fired") this.#fired.add(1, { policy: alert.summary.policyId, severity: alert.summary.severity });
      if (isActive(alert.summary.condition)) await this.#place(alert, atMs);
      else if (alert.groupId !== undefined) this.#touchGroup(alert.groupId, atMs);
    }
  }

  async #place(alert: Alert, atMs: number): Promise<void> {
    const topology = await this.#options.topology.get(atMs);
    topology.ensure(alert.summary.entity as EntityKey, { site: alert.summary.site });
    const { group, absorbed } = this.#groups.place(alert, topology, atMs);
    this.#dirtyGroups.set(group.groupId, group);
    for (const other of absorbed) {
      other.resolvedMs = atMs;
      this.#born.delete(other.groupId);
      for (const member of group.members.values()) this.#dirtyAlerts.set(member.summary.alertId, member);
      if (other.revision > 0) this.#dirtyGroups.set(other.groupId, other);
      else this.#dirtyGroups.delete(other.groupId);
    }
  }

  #touchGroup(groupId: string, atMs: number): void {
    const group = this.#groups.open.get(groupId);
    if (group === undefined) return;
    group.updatedMs = Math.max(group.updatedMs, atMs);
    this.#dirtyGroups.set(groupId, group);
  }

  async #save(): Promise<void> {
    if (this.#dirtyAlerts.size === 0 && this.#dirtyGroups.size === 0) return;
    const alerts = [...this.#dirtyAlerts.values()];
    const groups = [...this.#dirtyGroups.values()].filter((group) => this.#mayTell(group));
    if (alerts.length === 0 && groups.length === 0) return;
    const messages = groups.map((group): AlertGroupMessage => groupMessage({ ...group, revision: group.revision + 1 }, contentId));
    await this.#options.alerts.save(alerts, groups, messages);
    for (const group of groups) group.revision++;
    this.#dirtyAlerts.clear();
    for (const group of groups) this.#dirtyGroups.delete(group.groupId);
    const history = this.#history;
    this.#history = [];
    await this.#options.telemetry.record(history).catch((error: unknown) => {
      this.#history = [...history, ...this.#history].slice(-10_000);
      this.#options.logger.warn({ err: error }, "the history of alerts could not be stored; it is kept and tried again");
    });
  }

  /** A new group is told of after a moment: alerts of one fault come in a bunch, and two groups that become one must not be two incidents. */
  #mayTell(group: AlertGroup): boolean {
    const bornMs = this.#born.get(group.groupId) ?? this.#options.nowMs();
    if (group.revision > 0 || this.#options.nowMs() - bornMs >= GROUP_WAIT_MS) {
      this.#born.delete(group.groupId);
      return true;
    }
    this.#born.set(group.groupId, bornMs);
    return false;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async idle(): Promise<void> {
    await this.#turn;
  }
}
