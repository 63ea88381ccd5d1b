import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { loadConfig, tuneProcess, YunweiError } from "@yunwei/service-kit";
import closeWithGrace from "close-with-grace";
import { StandaloneConfig } from "./config.ts";
import { takeDataFolder } from "./data-folder.ts";
import { addIngestToken, tokenOf } from "./ingest-tokens.ts";
import { startStandalone } from "./standalone.ts";

const HELP = `云维 Yunwei: intelligent operations for a cloud with many sites

  npm start                          start everything on this machine, data in ./data
  npm start -- --data FOLDER         keep the data in FOLDER
  npm start -- --http-port N         console and API on port N       (default 8600, or the next free one)
  npm start -- --otlp-port N         OTLP/HTTP on port N             (default 4318, or the next free one)
  npm start -- --grpc-port N         OTLP/gRPC on port N             (default 4317, or the next free one)
  npm start -- --host ADDRESS        listen on ADDRESS               (default 127.0.0.1: this machine only)
  npm start -- token add ID [--site S] [--tier core|backbone] [--department D]
                                     make an ingest token for a sender; its secret is printed once
        [--max-items-per-s N] [--max-bytes-per-s N] [--max-new-series-per-min N] [--burst-s N]
                                     quotas of that token                      (default none)
  npm start -- --help | --version

Every option is also a variable, e.g. YUNWEI_DATA; docs/config.md has them all.
`;

const version = (JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as { version: string }).version;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: "string" },
      host: { type: "string" },
      "http-port": { type: "string" },
      "otlp-port": { type: "string" },
      "grpc-port": { type: "string" },
      site: { type: "string" },
      tier: { type: "string" },
      department: { type: "string" },
      "max-items-per-s": { type: "string" },
      "max-bytes-per-s": { type: "string" },
      "max-new-series-per-min": { type: "string" },
      "burst-s": { type: "string" },
      help: { type: "boolean", short: "h" },
      version: { type: "boolean" },
    },
  });
  if (values.help === true) {
    console.log(HELP);
    return;
  }
  if (values.version === true) {
    console.log(version);
    return;
  }
  const given: Record<string, string | undefined> = { ...process.env };
  if (values.data !== undefined) given["YUNWEI_DATA"] = values.data;
  if (values.host !== undefined) given["YUNWEI_HOST"] = values.host;
  if (values["http-port"] !== undefined) given["YUNWEI_HTTP_PORT"] = values["http-port"];
  if (values["grpc-port"] !== undefined) given["YUNWEI_GRPC_PORT"] = values["grpc-port"];
  if (values["otlp-port"] !== undefined) given["YUNWEI_OTLP_PORT"] = values["otlp-port"];
  const config = loadConfig(StandaloneConfig, given);
  if (positionals[0] === "token") await addToken(config, positionals, values);
  else if (positionals.length > 0) throw new YunweiError("YUNWEI_CONFIG_INVALID", `${positionals[0]} is not a command; see npm start -- --help`);
  else await run(config, { http: isSet(given["YUNWEI_HTTP_PORT"]), otlp: isSet(given["YUNWEI_OTLP_PORT"]), grpc: isSet(given["YUNWEI_GRPC_PORT"]) });
}

/** An empty variable is one that is not set. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

async function addToken(config: StandaloneConfig, [, verb, id]: string[], options: Readonly<Record<string, string | boolean | undefined>>): Promise<void> {
  if (verb !== "add" || id === undefined)
    throw new YunweiError("YUNWEI_CONFIG_INVALID", "say: npm start -- token add ID [--site S] [--tier T] [--department D]");
  const folder = await takeDataFolder(config.YUNWEI_DATA);
  try {
    const secret = await addIngestToken(folder, tokenOf(id, options));
    console.log(
      `${secret}\n\nThat is the secret of token ${id}; it is shown this once. Send it as: Authorization: Bearer <secret>\nIt counts from the next start on.`,
    );
  } finally {
    await folder.release();
  }
}

async function run(config: StandaloneConfig, exactPorts: { http: boolean; otlp: boolean; grpc: boolean }): Promise<void> {
  console.log(`云维 Yunwei ${version} is starting ...`);
  const standalone = await startStandalone({ config, exactPorts, version, onStep: (step) => console.log(`  ${step} ...`) });
  const { running, firstPassword, dataFolder, logger } = standalone;
  console.log(
    `\n  console   ${running.console}\n  OTLP/HTTP ${running.otlp}   (token in ${dataFolder}/ingest-token)\n  OTLP/gRPC ${running.otlpGrpc}\n  data      ${dataFolder}${config.YUNWEI_LOG === "file" ? "   (log in yunwei.log)" : ""}`,
  );
  if (firstPassword !== undefined) console.log(`\n  sign in as admin with this password, shown this once:  ${firstPassword}`);
  console.log("\nThis machine's own metrics arrive within seconds. Stop with Ctrl-C.\n");
  closeWithGrace({ delay: 30_000, logger: false }, async ({ err }) => {
    if (err !== undefined) logger.fatal({ err }, "stopping after an error that nobody caught");
    console.log("stopping ...");
    await standalone.close();
  });
}

tuneProcess();
try {
  await main();
} catch (error) {
  const known = error instanceof YunweiError || (error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS"));
  console.error(known ? `yunwei: ${(error as Error).message}` : error);
  process.exit(1);
}
