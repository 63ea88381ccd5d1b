import { type Store, storagePolicyVolumes, tableEngines } from "@yunwei/store";
import type { RetentionOverview } from "./disk-guard.ts";
import { tierPlan } from "./tier-plan.ts";

export const RETENTION_HELP = `How long data is kept on a ClickHouse server, and where

  node services/ingest/src/retention/main.ts show            what is stored, and what would be dropped next if the disk were short
  node services/ingest/src/retention/main.ts tiers           statements that move old data to the cold volume of the policy "tiered"
  node services/ingest/src/retention/main.ts tiers --apply   carries them out

The server is named by YUNWEI_CLICKHOUSE_URL, _USER, _PASSWORD_FILE and _DATABASE, as for a writer.
`;

const GIB = 2 ** 30;
const gib = (bytes: number): string => `${(bytes / GIB).toFixed(2)} GiB`;

/** Prints what is stored. */
export function printOverview({ disks, tables, next, dropped }: RetentionOverview, print: (line: string) => void): void {
  for (const { name, freeBytes, totalBytes, beginBytes, dropping } of disks) {
    print(
      `disk ${name}: ${gib(freeBytes)} of ${gib(totalBytes)} free; data is dropped below ${gib(beginBytes)}${dropping ? ", and is being dropped now" : ""}`,
    );
  }
  for (const { table, retention, rows, bytes, oldestDay } of tables)
    print(`${`${table} ${retention}`.padEnd(28)} ${gib(bytes).padStart(12)} ${String(rows).padStart(14)} rows  since ${oldestDay}`);
  print(next.length === 0 ? "nothing could be dropped" : "would go first:");
  for (const { table, retention, day, bytes, step } of next) print(`  ${day} ${`${table} ${retention}`.padEnd(24)} ${gib(bytes).padStart(12)}  (${step})`);
  for (const { atMs, table, retention, day, reason } of dropped) print(`dropped ${new Date(atMs).toISOString()}: ${day} of ${table} ${retention}: ${reason}`);
}

/** Prints the statements for tiers, or carries them out. @returns false when there can be none */
export async function runTiers(store: Store, apply: boolean, print: (line: string) => void): Promise<boolean> {
  const plan = tierPlan(await storagePolicyVolumes(store), await tableEngines(store));
  if (plan.kind === "impossible") {
    print(plan.reason);
    return false;
  }
  if (plan.statements.length === 0) print("all tables are on the tiered policy already");
  for (const statement of plan.statements) {
    print(`${statement};`);
    if (apply) await store.command(statement);
  }
  return true;
}
