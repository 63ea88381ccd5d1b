import type { Bus } from "@yunwei/bus";
import { encodeJson } from "@yunwei/bus";
import { ALERT_GROUP_TOPIC, type AlertGroupMessage, type AlertSummary } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";
import { type Outbox, type State, startOutbox } from "@yunwei/state";
import type { Alert } from "../domain/alert.ts";
import type { AlertGroup } from "../domain/group-book.ts";
import type { AlertStore } from "../ports.ts";

interface AlertRow extends Record<string, unknown> {
  readonly summary: AlertSummary;
  readonly facts: Omit<Alert, "summary">;
}

interface GroupRow extends Record<string, unknown> {
  readonly message: AlertGroupMessage;
  readonly facts: Pick<AlertGroup, "source" | "joins" | "startedMs" | "updatedMs">;
}

/** Alerts and groups in PostgreSQL; messages leave through the outbox of the same transaction. */
export class PostgresAlertStore implements AlertStore {
  readonly #state: State;
  readonly #outbox: Outbox;

  constructor(state: State, bus: Bus, logger: Logger) {
    this.#state = state;
    this.#outbox = startOutbox({ state, bus, logger, producer: "alerting" });
  }

  async save(alerts: readonly Alert[], groups: readonly AlertGroup[], messages: readonly AlertGroupMessage[]): Promise<void> {
    await this.#outbox.transaction(async (tx) => {
      for (const { summary, ...facts } of alerts) {
        await tx.query(
          "INSERT INTO alert (alert_id, condition, summary, facts) VALUES ($1, $2, $3, $4) ON CONFLICT (alert_id) DO UPDATE SET condition = excluded.condition, summary = excluded.summary, facts = excluded.facts",
          [summary.alertId, summary.condition, JSON.stringify(summary), JSON.stringify(facts)],
        );
      }
      for (const [index, { groupId, source, joins, startedMs, updatedMs }] of groups.entries()) {
        const message = messages[index]!;
        await tx.query(
          "INSERT INTO alert_group (group_id, revision, state, message, facts) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (group_id) DO UPDATE SET revision = excluded.revision, state = excluded.state, message = excluded.message, facts = excluded.facts",
          [groupId, message.revision, message.state, JSON.stringify(message), JSON.stringify({ source, joins, startedMs, updatedMs })],
        );
      }
      await this.#outbox.enqueue(
        tx,
        ALERT_GROUP_TOPIC,
        messages.map((message) => ({ key: message.groupId, value: encodeJson(message) })),
      );
    });
  }

  async load(): Promise<{ alerts: Alert[]; groups: AlertGroup[] }> {
    const groupRows = await this.#state.query<GroupRow>("SELECT message, facts FROM alert_group WHERE state = 'open'");
    const alertRows = await this.#state.query<AlertRow>(
      "SELECT summary, facts FROM alert WHERE condition <> 'resolved' OR facts->>'groupId' IN (SELECT group_id FROM alert_group WHERE state = 'open')",
    );
    const all = alertRows.map(({ summary, facts }): Alert => ({ ...facts, summary, groupId: facts.groupId }));
    const groups = groupRows.map(
      ({ message, facts }): AlertGroup => ({
        ...facts,
        joins: [...facts.joins],
        groupId: message.groupId,
        revision: message.revision,
        members: new Map(),
        resolvedMs: undefined,
      }),
    );
    const byId = new Map(groups.map((group) => [group.groupId, group]));
    for (const alert of all) if (alert.groupId !== undefined) byId.get(alert.groupId)?.members.set(alert.summary.alertId, alert);
    return { alerts: all.filter((alert) => alert.summary.condition !== "resolved"), groups };
  }

  async group(groupId: string): Promise<AlertGroupMessage | undefined> {
    const rows = await this.#state.query<{ message: AlertGroupMessage }>("SELECT message FROM alert_group WHERE group_id = $1", [groupId]);
    return rows[0]?.message;
  }

  close(): Promise<void> {
    return this.#outbox.close();
  }
}
