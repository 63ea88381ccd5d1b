import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiClient, type SpawnedStandalone, spawnStandalone } from "@yunwei/testkit";
import type { ReplayContext } from "./replay-context.ts";

export interface Running {
  readonly standalone: SpawnedStandalone;
  readonly api: ApiClient;
  readonly dataFolder: string;
}

/** Does `work` with a standalone of its own and stops that again; its data goes too, unless the person named a folder or wants to look around. */
export async function withStandalone<T>(context: ReplayContext, work: (running: Running) => Promise<T>): Promise<T> {
  const { tell, stop, keep } = context;
  const dataFolder = context.dataFolder ?? (await mkdtemp(join(tmpdir(), "yunwei-replay-")));
  await mkdir(dataFolder, { recursive: true });
  tell(`starting a standalone on ${dataFolder} ...`);
  const standalone = await spawnStandalone({ dataFolder, ownGroup: true, password: await passwordOf(dataFolder) });
  try {
    const api = await ApiClient.signIn(standalone);
    tell(`  console ${standalone.console}  (admin / ${standalone.password})`);
    const result = await work({ standalone, api, dataFolder });
    if (keep && !stop.aborted) {
      tell(`\nleft running: ${standalone.console}  (admin / ${standalone.password}); Ctrl-C stops it`);
      await Promise.race([standalone.ended, new Promise((resolve) => stop.addEventListener("abort", resolve))]);
    }
    return result;
  } finally {
    await standalone.stop();
    if (context.dataFolder === undefined && !keep) await rm(dataFolder, { recursive: true, force: true });
    else tell(`look again with: npm start -- --data ${dataFolder}`);
  }
}

/** The password of `admin` that an earlier replay on this folder made, else a new one; readable by the owner only. */
async function passwordOf(dataFolder: string): Promise<string> {
  const path = join(dataFolder, "replay-password");
  const known = await readFile(path, "utf8").catch(() => "");
  if (known.trim() !== "") return known.trim();
  const password = randomBytes(12).toString("base64url");
  await writeFile(path, `${password}\n`, { mode: 0o600 });
  return password;
}
