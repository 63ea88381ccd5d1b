import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

/** A log file is set aside at this size, and the one before it is given up: two files at most. */
const MAX_BYTES = 32 * 1024 * 1024;
/** pino's number of the level `error`. */
const ERROR = 50;

export interface LogFile {
  readonly path: string;
  write(line: string): void;
  close(): void;
}

/** The log in `yunwei.log` of the data folder; what is an error is told on stderr as well, in one line for people. */
export function openLogFile(dataFolder: string): LogFile {
  const path = join(dataFolder, "yunwei.log");
  let file = openSync(path, "a", 0o600);
  let bytes = fstatSync(file).size;
  let isOpen = true;
  const write = (line: string): void => {
    if (!isOpen) return; // a last word of the data plane while the process ends
    if (bytes > MAX_BYTES) {
      closeSync(file);
      renameSync(path, `${path}.1`);
      file = openSync(path, "a", 0o600);
      bytes = 0;
    }
    bytes += writeSync(file, line);
    const error = errorText(line);
    if (error !== undefined) process.stderr.write(`yunwei: ${error}  (more in ${path})\n`);
  };
  const close = (): void => {
    isOpen = false;
    closeSync(file);
  };
  return { path, write, close };
}

/** The message of a line of level error or above, with its service and its cause. */
export function errorText(line: string): string | undefined {
  const level = /^\{"level":(\d+)/.exec(line)?.[1];
  if (level === undefined || Number(level) < ERROR) return undefined;
  const { service, msg, err } = JSON.parse(line) as { service?: string; msg?: string; err?: { message?: string } };
  return [service, msg, err?.message].filter((part) => part !== undefined).join(": ");
}
