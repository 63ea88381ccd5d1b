import { parseArgs } from "node:util";
import { createLogger, loadConfig, YunweiError } from "@yunwei/service-kit";
import { IngestConfig } from "../config.ts";
import { configuredStore } from "../configured-store.ts";
import { DiskGuard } from "./disk-guard.ts";
import { printOverview, RETENTION_HELP, runTiers } from "./retention-command.ts";

const PATIENCE_MS = 10_000;
const print = (line: string): void => console.log(line);

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { apply: { type: "boolean", default: false }, help: { type: "boolean", short: "h" } },
  });
  const [command] = positionals;
  if (values.help === true || (command !== "show" && command !== "tiers")) {
    print(RETENTION_HELP);
    return values.help === true;
  }
  const config = loadConfig(IngestConfig, process.env);
  if (config.YUNWEI_CLICKHOUSE_URL === "") throw new YunweiError("YUNWEI_CONFIG_INVALID", "YUNWEI_CLICKHOUSE_URL names no server; see --help");
  const store = await configuredStore(config, PATIENCE_MS);
  try {
    if (command === "tiers") return await runTiers(store, values.apply, print);
    const limits = { minFreePercent: config.YUNWEI_MIN_FREE_PERCENT, minFreeBytes: config.YUNWEI_MIN_FREE_BYTES };
    printOverview(await new DiskGuard({ store, logger: createLogger("retention", "silent"), nowMs: Date.now, limits }).overview(), print);
    return true;
  } finally {
    await store.close();
  }
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(`yunwei retention: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
