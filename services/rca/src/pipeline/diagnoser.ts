import { metrics, trace } from "@opentelemetry/api";
import { type Bus, decodeJson, encodeJson, type Subscription } from "@yunwei/bus";
import {
  ALERT_GROUP_TOPIC,
  type AlertGroupMessage,
  ANOMALY_TOPIC,
  type Anomaly,
  CHANGE_TOPIC,
  type ChangeMessage,
  RCA_REPORT_TOPIC,
  type RcaReport,
} from "@yunwei/schemas";
import { contentId, type Logger } from "@yunwei/service-kit";
import type { TopologyCache } from "@yunwei/topology";
import { type Diagnosis, diagnose } from "../domain/diagnose.ts";
import { EvidenceBook } from "../domain/evidence-book.ts";
import type { ReportStore } from "../ports.ts";

export interface DiagnoserOptions {
  readonly bus: Bus;
  readonly reports: ReportStore;
  readonly topology: TopologyCache;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

const GROUP = "rca";
/** How long before a group's start evidence counts: slow kinds (a leak, a filling disk) begin early. */
const LOOKBACK_MS = 30 * 60_000;
const CHANGES_MS = 2 * 3_600_000;
/** A group is looked at again this often (process clock) while evidence still comes in. */
const ROUND_MS = 1_000;
/** Event time a young group is given before a cause is named: the first alert is rarely the cause's own. */
const SETTLE_MS = 40_000;
/** The same, by our own clock, in case event time stands still. */
const SETTLE_WALL_MS = 60_000;
const MAX_CHANGES = 2_000;

interface OpenGroup {
  message: AlertGroupMessage;
  firstSeenMs: number;
  dirty: boolean;
  revision: number;
  published: string;
}

/** Listens to groups, deviations and changes; publishes a report whenever the answer for a group changes. */
export class Diagnoser {
  readonly #options: DiagnoserOptions;
  readonly #book = new EvidenceBook();
  readonly #groups = new Map<string, OpenGroup>();
  readonly #changes = new Map<string, ChangeMessage>();
  readonly #subscriptions: Subscription[] = [];
  readonly #seconds = metrics.getMeter("yunwei.rca").createHistogram("yunwei.rca.duration", { unit: "s", description: "Time to diagnose one group." });
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(options: DiagnoserOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { bus, reports } = this.#options;
    for (const { report, group } of await reports.openGroups()) {
      this.#groups.set(group.groupId, {
        message: group,
        firstSeenMs: this.#options.nowMs(),
        dirty: true,
        revision: report.revision,
        published: fingerprint(report),
      });
    }
    this.#subscriptions.push(
      await bus.subscribe({ topic: ANOMALY_TOPIC, groupId: GROUP }, async (batch) => {
        for (const message of batch) this.#book.take(decodeJson(message.value) as Anomaly);
        for (const group of this.#groups.values()) group.dirty = true;
      }),
      await bus.subscribe({ topic: CHANGE_TOPIC, groupId: GROUP }, async (batch) => {
        for (const message of batch) this.#takeChange(decodeJson(message.value) as ChangeMessage);
      }),
      await bus.subscribe({ topic: ALERT_GROUP_TOPIC, groupId: GROUP }, async (batch) => {
        for (const message of batch) await this.#takeGroup(decodeJson(message.value) as AlertGroupMessage);
      }),
    );
    this.#timer = setInterval(() => void this.#startRound(), ROUND_MS);
  }

  #takeChange(change: ChangeMessage): void {
    this.#changes.delete(change.changeId);
    this.#changes.set(change.changeId, change);
    if (this.#changes.size > MAX_CHANGES) this.#changes.delete(this.#changes.keys().next().value!);
    for (const group of this.#groups.values()) group.dirty = true;
  }

  async #takeGroup(message: AlertGroupMessage): Promise<void> {
    const known = this.#groups.get(message.groupId);
    if (known !== undefined && known.message.revision >= message.revision) return;
    if (known === undefined) {
      const before = await this.#options.reports.latest(message.groupId);
      this.#groups.set(message.groupId, {
        message,
        firstSeenMs: this.#options.nowMs(),
        dirty: true,
        revision: before?.revision ?? 0,
        published: before === undefined ? "" : fingerprint(before),
      });
    } else {
      known.message = message;
      known.dirty = true;
    }
    await this.#options.reports.saveGroup(message);
    if (message.state === "resolved") await this.#startRound();
  }

  #startRound(): Promise<void> {
    this.#round = this.#round
      .then(() => this.#diagnoseDirty())
      .catch((error: unknown) => this.#options.logger.error({ err: error }, "a round of diagnosis failed; the next one tries again"));
    return this.#round;
  }

  async #diagnoseDirty(): Promise<void> {
    for (const group of [...this.#groups.values()]) {
      const settled = this.#isSettled(group);
      if (!group.dirty || (!settled && group.published !== "")) continue;
      group.dirty = !settled; // a first look at a young group is not the last, even when nothing more comes in
      try {
        await this.#diagnoseGroup(group);
      } catch (error) {
        group.dirty = true;
        throw error;
      }
      if (group.message.state === "resolved") this.#groups.delete(group.message.groupId);
    }
    this.#book.prune();
  }

  #isSettled({ message, firstSeenMs }: OpenGroup): boolean {
    if (message.state === "resolved") return true;
    const startedMs = Number(message.startedUnixNano) / 1e6;
    return this.#book.newestMs - startedMs >= SETTLE_MS || this.#options.nowMs() - firstSeenMs >= SETTLE_WALL_MS;
  }

  async #diagnoseGroup(group: OpenGroup): Promise<void> {
    await trace.getTracer("yunwei.rca").startActiveSpan("diagnose", async (span) => {
      const begun = performance.now();
      try {
        const { message } = group;
        if (message.alertCount === 0 && (await this.#closeAbsorbed(group))) return;
        const startedMs = Number(message.startedUnixNano) / 1e6;
        const untilMs = Math.max(this.#book.newestMs, Number(message.updatedUnixNano) / 1e6);
        const topology = await this.#options.topology.get(untilMs);
        const evidence = this.#book.between(startedMs - LOOKBACK_MS, untilMs).filter((item) => item.lastMs >= startedMs - ROUND_MS);
        const diagnosis = diagnose({ group: message, evidence, changes: this.#changesNear(startedMs), topology });
        await this.#publish(group, this.#isSettled(group) ? diagnosis : { ...diagnosis, verdict: "undetermined" });
      } finally {
        this.#seconds.record((performance.now() - begun) / 1000);
        span.end();
      }
    });
  }

  /** A group whose alerts went over into another ends with the answer it had: there is nothing of its own to look at any more. False when it had none. */
  async #closeAbsorbed(group: OpenGroup): Promise<boolean> {
    const last = await this.#options.reports.latest(group.message.groupId);
    if (last === undefined) return false;
    const { messageId: _id, revision: _revision, generatedUnixNano: _at, ...diagnosis } = last;
    const { resolvedUnixNano } = group.message;
    await this.#publish(group, { ...diagnosis, groupState: group.message.state, ...(resolvedUnixNano === undefined ? {} : { resolvedUnixNano }) });
    return true;
  }

  #changesNear(startedMs: number): ChangeMessage[] {
    return [...this.#changes.values()]
      .filter((change) => Math.abs(Number(change.startedUnixNano) / 1e6 - startedMs) <= CHANGES_MS)
      .sort((a, b) => Number(BigInt(a.startedUnixNano) - BigInt(b.startedUnixNano)) || (a.changeId < b.changeId ? -1 : 1));
  }

  async #publish(group: OpenGroup, diagnosis: Diagnosis): Promise<void> {
    const print = fingerprint(diagnosis);
    if (print === group.published) return;
    const revision = group.revision + 1;
    const report: RcaReport = {
      ...diagnosis,
      messageId: contentId("rca-report", diagnosis.groupId, revision),
      revision,
      generatedUnixNano: `${this.#options.nowMs()}000000`,
    };
    await this.#options.reports.save(report);
    await this.#options.bus.publish(RCA_REPORT_TOPIC, [{ key: report.groupId, value: encodeJson(report) }]);
    group.revision = revision;
    group.published = print;
    this.#options.logger.info(
      {
        groupId: report.groupId,
        revision,
        verdict: report.verdict,
        confidence: report.confidence,
        cause: report.causes[0]?.entity,
        mode: report.causes[0]?.mode,
      },
      "diagnosed",
    );
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const subscription of this.#subscriptions) await subscription.close();
    await this.#round;
  }
}

/** What makes a report worth publishing again: people are not told of every digit. */
function fingerprint(report: Diagnosis): string {
  const { verdict, confidence, causes, groupState, severity, alertCount, impact } = report;
  return JSON.stringify([
    verdict,
    Math.round(confidence * 10),
    causes.slice(0, 3).map((cause) => [cause.entity, cause.mode, cause.changeId ?? ""]),
    groupState,
    severity,
    alertCount,
    impact.services.length,
    impact.sites,
  ]);
}
