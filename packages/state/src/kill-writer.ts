import { openEmbeddedState } from "./embedded-state.ts";

const silent = () => undefined;

/**
 * The victim of the kill -9 test: commits numbers one after another and tells of each on standard output only after
 * its commit, until it is killed. Arguments: the data folder.
 */
async function writeUntilKilled(folder: string): Promise<void> {
  const state = await openEmbeddedState({ folder, logger: { debug: silent, info: silent, warn: silent, error: silent } });
  await state.query("CREATE TABLE IF NOT EXISTS acknowledged (n bigint PRIMARY KEY)");
  process.stdout.write(`pid ${state.pid}\n`);
  const [row] = await state.query<{ next: string }>("SELECT coalesce(max(n), 0) + 1 AS next FROM acknowledged");
  for (let n = Number(row!.next); ; n++) {
    await state.transaction((tx) => tx.query("INSERT INTO acknowledged VALUES ($1)", [n]));
    process.stdout.write(`${n}\n`);
  }
}

await writeUntilKilled(process.argv[2]!);
