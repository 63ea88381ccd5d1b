import type { EntityKey } from "@yunwei/schemas";
import type { KnownNames } from "./recent-names.ts";

/** Names that products of databases go by: what is called says so when no telemetry of its own does. */
const DATABASE_NAME =
  /(^|[-_.])(db|database|sql|postgres(ql)?|pg|mysql|mariadb|redis|valkey|mongo(db)?|oracle|mssql|sqlserver|sqlite|clickhouse|elasticsearch|opensearch|cassandra|hbase|tidb|oceanbase|opengauss|gaussdb|kingbase(es)?|dameng|memcached|etcd)\d*([-_.:]|\d*$)/i;

/**
 * The entity behind the name in a client span whose callee sends no spans.
 * @param databases - names known to be databases from their own resources; @param services - names that serve spans
 */
export function calleeOf(peer: string, databases: KnownNames, services: KnownNames): EntityKey {
  if (databases.has(peer)) return `database:${peer}`;
  if (services.has(peer)) return `service:${peer}`;
  return DATABASE_NAME.test(peer) ? `database:${peer}` : `service:${peer}`;
}
