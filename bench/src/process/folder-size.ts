import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Bytes that a folder takes on disk (whole blocks; hard links once; links are not followed). What vanishes meanwhile counts nothing. */
export async function folderSize(path: string): Promise<number> {
  const seen = new Set<string>();
  let bytes = 0;
  const queue = [path];
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const child = join(folder, entry.name);
      if (entry.isDirectory()) queue.push(child);
      const stat = await lstat(child).catch(() => undefined);
      if (stat === undefined || seen.has(`${stat.dev}:${stat.ino}`)) continue;
      if (stat.nlink > 1 && !entry.isDirectory()) seen.add(`${stat.dev}:${stat.ino}`);
      bytes += stat.blocks * 512;
    }
  }
  return bytes;
}
