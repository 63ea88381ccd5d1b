import type { AlertGroupMessage, RcaReport } from "@yunwei/schemas";
import type { State } from "@yunwei/state";
import type { ReportStore } from "../ports.ts";

const MAX_OPEN = 1_000;

/** Reports in PostgreSQL, one row a revision. */
export class PostgresReportStore implements ReportStore {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  async save(report: RcaReport): Promise<void> {
    await this.#state.query("INSERT INTO rca_report (group_id, revision, report) VALUES ($1, $2, $3) ON CONFLICT (group_id, revision) DO NOTHING", [
      report.groupId,
      report.revision,
      JSON.stringify(report),
    ]);
  }

  async saveGroup(group: AlertGroupMessage): Promise<void> {
    await this.#state.query(
      "INSERT INTO rca_group (group_id, revision, state, message) VALUES ($1, $2, $3, $4) ON CONFLICT (group_id) DO UPDATE SET revision = excluded.revision, state = excluded.state, message = excluded.message WHERE rca_group.revision < excluded.revision",
      [group.groupId, group.revision, group.state, JSON.stringify(group)],
    );
  }

  async latest(groupId: string): Promise<RcaReport | undefined> {
    const rows = await this.#state.query<{ report: RcaReport }>("SELECT report FROM rca_report WHERE group_id = $1 ORDER BY revision DESC LIMIT 1", [groupId]);
    return rows[0]?.report;
  }

  async openGroups(): Promise<{ report: RcaReport; group: AlertGroupMessage }[]> {
    return this.#state.query<{ report: RcaReport; group: AlertGroupMessage }>(
      `SELECT DISTINCT ON (g.group_id) g.message AS "group", r.report FROM rca_group g JOIN rca_report r USING (group_id) WHERE g.state = 'open' ORDER BY g.group_id, r.revision DESC LIMIT $1`,
      [MAX_OPEN],
    );
  }
}
