import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Namespace } from "./fault-case.ts";
import { type TarEntry, tarEntries } from "./tar-entries.ts";

/** Files of one namespace, from archives or from an unpacked folder. */
export interface NezhaFiles {
  readonly namespace: Namespace;
  /** Contents of the files whose path (from `rca_data/` or `construct_data/` on) is wanted. */
  read(wanted: (path: string) => boolean): AsyncIterable<TarEntry>;
}

const ARCHIVES: Readonly<Record<Namespace, readonly RegExp[]>> = {
  hipster: [/^ob-.*\.tar\.gz$/],
  ts: [/^tt-(?!.*logs).*\.tar\.gz$/, /^tt-.*logs.*\.tar\.gz$/],
};
const NAMESPACES: readonly Namespace[] = ["hipster", "ts"];

/** Whether a path is, or holds, the nezha data set. */
export async function looksLikeNezha(path: string): Promise<boolean> {
  return (await nezhaSets(path)).length > 0;
}

/** The namespaces found at a path: the data set's folder of archives, one archive, or an unpacked one. Empty when it is something else. */
export async function nezhaSets(path: string): Promise<NezhaFiles[]> {
  if (!existsSync(path)) return [];
  if ((await stat(path)).isFile()) {
    const name = path.split("/").at(-1)!;
    return NAMESPACES.filter((namespace) => ARCHIVES[namespace].some((pattern) => pattern.test(name))).map((namespace) => archives(namespace, [path]));
  }
  if (existsSync(join(path, "rca_data"))) return [await folder(path)];
  const names = (await readdir(path)).sort();
  return NAMESPACES.flatMap((namespace) => {
    const found = ARCHIVES[namespace].flatMap((pattern) => names.filter((name) => pattern.test(name)).map((name) => join(path, name)));
    return found.length === 0 ? [] : [archives(namespace, found)];
  });
}

function archives(namespace: Namespace, paths: readonly string[]): NezhaFiles {
  return {
    namespace,
    async *read(wanted) {
      for (const path of paths) yield* tarEntries(path, wanted);
    },
  };
}

async function folder(root: string): Promise<NezhaFiles> {
  const entries = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => relative(root, join(entry.parentPath, entry.name))).sort();
  const namespace = paths.some((path) => /\/ts-[a-z]/.test(path)) ? "ts" : "hipster";
  return {
    namespace,
    async *read(wanted) {
      for (const path of paths) if (wanted(path)) yield { path, bytes: await readFile(join(root, path)) };
    },
  };
}
