import { readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Logger, YunweiError } from "@yunwei/service-kit";
import { type ChannelsConfig, DEFAULT_CHANNELS, parseChannelsConfig } from "./channels-config.ts";

const CHECK_MS = 2000;

export interface ChannelsFile {
  current(): ChannelsConfig;
  /** Looks at the file now. */
  refresh(): Promise<void>;
  close(): void;
}

/**
 * Follows channels.yaml in the data folder. A file that is not usable is told of in the log, with every problem and
 * its line, and the last good one stays in force, also across a restart (a copy is kept beside it, mode 0600).
 */
export async function followChannelsFile(dataFolder: string, logger: Logger): Promise<ChannelsFile> {
  const path = join(dataFolder, "channels.yaml");
  const goodCopy = join(dataFolder, ".channels.last-good.yaml");
  let config = DEFAULT_CHANNELS;
  let seen = "";
  const load = async () => {
    const text = await readFile(path, "utf8");
    config = parseChannelsConfig(text);
    logger.info({ channels: config.channels.map((channel) => channel.name), routes: config.routes.length }, "channels.yaml is in force");
    await keepCopy(goodCopy, text);
  };
  const refresh = async () => {
    const now = await fingerprint(path);
    if (now === seen) return;
    const first = seen === "";
    seen = now;
    if (now === "none") {
      config = DEFAULT_CHANNELS;
      if (!first) logger.warn({ inForce: ["console"] }, "channels.yaml is gone; everything goes to notifications.log");
      return;
    }
    try {
      await load();
    } catch (error) {
      if (first) config = await lastGood(goodCopy);
      const problems = error instanceof YunweiError ? error.details : String(error);
      logger.error({ problems, inForce: config.channels.map((channel) => channel.name) }, "channels.yaml is not usable; what was in force before stays so");
    }
  };
  await refresh();
  const timer = setInterval(() => void refresh().catch((error: unknown) => logger.error({ err: error }, "channels.yaml could not be looked at")), CHECK_MS);
  timer.unref();
  return { current: () => config, refresh, close: () => clearInterval(timer) };
}

/** Changes with the content; editors that replace the file change its inode. */
async function fingerprint(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs}/${size}/${ino}`;
  } catch {
    return "none";
  }
}

async function keepCopy(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

async function lastGood(path: string): Promise<ChannelsConfig> {
  try {
    return parseChannelsConfig(await readFile(path, "utf8"));
  } catch {
    return DEFAULT_CHANNELS;
  }
}
