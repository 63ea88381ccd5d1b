import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const compress = promisify(gzip);

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".json": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".txt": "text/plain; charset=utf-8",
};

export interface WebFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  /** Its name changes with its content, so it may be kept for ever. */
  readonly immutable: boolean;
}

/**
 * The built console, read once: address -> file. What is not in the map does not exist, so no address can lead out of the
 * folder. Files of unknown kinds are left out.
 * @returns empty when the console has not been built
 */
export async function readWebFiles(folder: string): Promise<Map<string, WebFile>> {
  const files = new Map<string, WebFile>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const address = path.slice(folder.length).replaceAll("\\", "/");
    const plain = await readFile(path);
    files.set(address.startsWith("/") ? address : `/${address}`, {
      type,
      plain,
      gzipped: await compress(plain, { level: 9 }),
      immutable: address.includes("/assets/"),
    });
  }
  return files;
}
