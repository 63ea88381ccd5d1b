import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** How far a recording has been taken in, and by how much its times were moved. */
export interface ReplayPosition {
  readonly recording: string;
  readonly shiftMs: number;
  /** Number of the last acknowledged line, by file. */
  readonly lines: Readonly<Record<string, number>>;
}

const FILE = "replay-position.json";

/** @throws Error saying what to do, when there is none or it is of another recording */
export async function readPosition(dataFolder: string, recording: string): Promise<ReplayPosition> {
  const path = join(dataFolder, FILE);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw new Error(`there is nothing to resume: ${path} is not there; begin without --resume`);
    throw error;
  });
  const position = parsePosition(text);
  if (position === undefined) throw new Error(`${path} is damaged: begin anew, with another --data folder and without --resume`);
  if (position.recording !== recording) throw new Error(`${dataFolder} holds a replay of ${position.recording}, not of ${recording}`);
  return position;
}

function parsePosition(text: string): ReplayPosition | undefined {
  try {
    const { recording, shiftMs, lines } = JSON.parse(text) as ReplayPosition;
    const sound = typeof recording === "string" && Number.isSafeInteger(shiftMs) && typeof lines === "object" && lines !== null;
    return sound && Object.values(lines).every((line) => Number.isSafeInteger(line)) ? { recording, shiftMs, lines } : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the position whole or not at all. */
export async function writePosition(dataFolder: string, position: ReplayPosition): Promise<void> {
  const path = join(dataFolder, FILE);
  await writeFile(`${path}.new`, `${JSON.stringify(position)}\n`);
  await rename(`${path}.new`, path);
}
