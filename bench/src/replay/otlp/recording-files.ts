import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";

const RECORDING = /\.(json|jsonl|ndjson)(\.gz)?$/i;

/** A file of Export requests, one a line. */
export interface RecordingFile {
  readonly path: string;
  /** For people and for the position file: relative to the recording. */
  readonly name: string;
}

/** The files of a recording, by name: the file itself, or all `.json`, `.jsonl` and `.ndjson` files (also `.gz`) below a folder. */
export async function recordingFiles(path: string): Promise<RecordingFile[]> {
  if ((await stat(path)).isFile()) return [{ path, name: path.split("/").at(-1)! }];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && RECORDING.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: file, name: relative(path, file) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
