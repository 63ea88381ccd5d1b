import { readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { YunweiError } from "@yunwei/schemas";
import type { Logger } from "./logger.ts";

const CHECK_MS = 2000;

export interface FollowedFileOptions<T> {
  readonly path: string;
  /** @throws YunweiError whose `details` list every problem */
  readonly parse: (text: string) => T;
  /** In force when there is no file. */
  readonly fallback: T;
  readonly logger: Logger;
  /** Told after the value in force has changed. */
  readonly onChange?: (value: T) => void;
}

export interface FollowedFile<T> {
  current(): T;
  /** Looks at the file now. */
  refresh(): Promise<void>;
  close(): void;
}

/**
 * Follows a configuration file that people edit. One that is not usable is told of in the log, with every problem and its
 * line, and the last good one stays in force, also across a restart (a copy is kept beside it, mode 0600).
 */
export async function followFile<T>({ path, parse, fallback, logger, onChange }: FollowedFileOptions<T>): Promise<FollowedFile<T>> {
  const name = path.slice(dirname(path).length + 1);
  const goodCopy = join(dirname(path), `.${name}.last-good`);
  let value = fallback;
  let seen = "";
  const take = (next: T): void => {
    value = next;
    onChange?.(next);
  };
  const refresh = async (): Promise<void> => {
    const now = await fingerprint(path);
    if (now === seen) return;
    const first = seen === "";
    seen = now;
    if (now === "none") {
      if (!first) logger.warn({ file: name }, "the file is gone; the built-in settings are in force");
      take(fallback);
      return;
    }
    try {
      const text = await readFile(path, "utf8");
      take(parse(text));
      logger.info({ file: name }, "the file is in force");
      await keepCopy(goodCopy, text);
    } catch (error) {
      if (first) take(await lastGood(goodCopy, parse, fallback));
      logger.error(
        { file: name, problems: error instanceof YunweiError ? error.details : String(error) },
        "the file is not usable; what was in force before stays so",
      );
    }
  };
  await refresh();
  const timer = setInterval(
    () => void refresh().catch((error: unknown) => logger.error({ err: error, file: name }, "the file could not be looked at")),
    CHECK_MS,
  );
  timer.unref();
  return { current: () => value, refresh, close: () => clearInterval(timer) };
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

async function lastGood<T>(path: string, parse: (text: string) => T, fallback: T): Promise<T> {
  try {
    return parse(await readFile(path, "utf8"));
  } catch {
    return fallback;
  }
}
