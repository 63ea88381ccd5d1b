import { openServerStore, type Store } from "@yunwei/store";
import type { IngestConfig } from "./config.ts";

/** ClickHouse as the settings of an ingest process name it. @param patienceMs - how long it may be away. @throws YunweiError (openServerStore) */
export function configuredStore(config: IngestConfig, patienceMs: number): Promise<Store> {
  const passwordFile = config.YUNWEI_CLICKHOUSE_PASSWORD_FILE;
  return openServerStore({
    url: config.YUNWEI_CLICKHOUSE_URL,
    username: config.YUNWEI_CLICKHOUSE_USER,
    database: config.YUNWEI_CLICKHOUSE_DATABASE,
    patienceMs,
    ...(passwordFile === "" ? {} : { passwordFile }),
  });
}
