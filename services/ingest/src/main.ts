import { parseArgs } from "node:util";
import { createLogger, loadConfig, tuneProcess, YunweiError } from "@yunwei/service-kit";
import closeWithGrace from "close-with-grace";
import { IngestConfig } from "./config.ts";
import { startIngestProcess } from "./ingest-process.ts";

const HELP = `云维 Yunwei ingest: one process of several, on Kafka and ClickHouse

  node services/ingest/src/main.ts             start; all settings are variables
  node services/ingest/src/main.ts --help      this text

${Object.entries(IngestConfig.properties as unknown as Record<string, { default: unknown; description: string }>)
  .map(([name, { default: fallback, description }]) => `  ${name.padEnd(34)} ${description}${fallback === "" ? "" : ` Default: ${String(fallback)}`}`)
  .join("\n")}

When it is ready it prints one line of JSON: its role, process id and ports. The log goes to stderr.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: "boolean", short: "h" } } });
  if (values.help === true) {
    console.log(HELP);
    return;
  }
  const config = loadConfig(IngestConfig, process.env);
  const logger = createLogger("ingest", config.YUNWEI_LOG_LEVEL);
  const started = await startIngestProcess(config, logger);
  closeWithGrace({ delay: 30_000, logger: false }, async ({ err }) => {
    if (err !== undefined) logger.fatal({ err }, "stopping after an error that nobody caught");
    await started.close();
  });
  console.log(JSON.stringify({ role: started.role, pid: process.pid, ports: started.ports }));
}

tuneProcess();
try {
  await main();
} catch (error) {
  const known = error instanceof YunweiError || (error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS"));
  console.error(known ? `yunwei ingest: ${(error as Error).message}` : error);
  process.exit(1);
}
