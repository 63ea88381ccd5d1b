import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEmbeddedState } from "./embedded-state.ts";
import { findPostgresBinaries } from "./postgres-binaries.ts";
import { waysOfThisUser } from "./run-as.ts";
import { openServerState } from "./server-state.ts";
import { stateContract } from "./state.contract.ts";
import type { StateLogger } from "./state-logger.ts";

const lines: string[] = [];
const note = (facts: object, message: string) => {
  lines.push(`${message} ${JSON.stringify(facts)}`);
};
const logger: StateLogger = { debug: note, info: note, warn: note, error: note };

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "yunwei state "));
});
afterAll(async () => rm(base, { recursive: true, force: true }));

stateContract("EmbeddedState", async () => openEmbeddedState({ folder: join(base, "contract"), logger }));

describe("openServerState", () => {
  it("fails clearly when nothing listens", async () => {
    await expect(openServerState({ url: "postgresql://nobody@127.0.0.1:9/none", logger })).rejects.toMatchObject({ code: "YUNWEI_STATE_UNAVAILABLE" });
  });
});
stateContract("ServerState", async () => {
  const embedded = await openEmbeddedState({ folder: join(base, "served"), logger });
  const server = await openServerState({ url: embedded.connectionString, logger });
  const close = () => server.close().then(() => embedded.close());
  return { query: server.query, transaction: server.transaction, close };
});

/** Whether every user may enter all folders above a file: not in a checkout that mktemp -d has made. */
async function isOpenToAll(file: string): Promise<boolean> {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false;
  }
  return true;
}

describe("openEmbeddedState", () => {
  it.each(waysOfThisUser())("runs as $name, in a folder with a space, without a TCP port, with fsync", async (runAs) => {
    const folder = await mkdtemp(join(base, `as ${runAs.name} `));
    await chmod(base, 0o711);
    await chmod(folder, 0o711);
    if (runAs.name === "nobody" && !(await isOpenToAll((await findPostgresBinaries()).initdb))) {
      // This way alone has no right to the programs of such a checkout; another is taken there (run-as.int.test.ts).
      await expect(openEmbeddedState({ folder, logger, runAs })).rejects.toThrow("EACCES");
      return;
    }
    const state = await openEmbeddedState({ folder, logger, runAs });
    const rows = await state.query(
      "SELECT current_setting('listen_addresses') AS tcp, current_setting('fsync') AS fsync, current_setting('server_encoding') AS code",
    );
    await state.close();
    expect(rows).toEqual([{ tcp: "", fsync: "on", code: "UTF8" }]);
  });

  it("runs below a folder that nobody else may enter, and again after a restart with its data", async () => {
    const locked = await mkdtemp(join(homedir(), ".yunwei state "));
    await chmod(locked, 0o700);
    try {
      const first = await openEmbeddedState({ folder: join(locked, "pg"), logger });
      await first.query("CREATE TABLE kept AS SELECT 42 AS answer");
      await first.close();
      const second = await openEmbeddedState({ folder: join(locked, "pg"), logger });
      const rows = await second.query("SELECT answer FROM kept");
      await second.close();
      expect(rows).toEqual([{ answer: 42 }]);
    } finally {
      await rm(locked, { recursive: true, force: true });
    }
  });

  it("keeps the password in a file that only its owner reads, and in no log line", async () => {
    const folder = join(base, "secret");
    const state = await openEmbeddedState({ folder, logger });
    const password = await readFile(join(folder, "password"), "utf8");
    expect((await stat(join(folder, "password"))).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(state)).not.toContain(password);
    const other = new URL(state.connectionString.replace("@/", "@localhost/"));
    other.password = "wrong";
    await expect(openServerState({ url: other.href.replace("@localhost/", "@/"), logger })).rejects.toMatchObject({ code: "YUNWEI_ENGINE_FAILED" });
    await state.close();
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join("\n")).not.toContain(password);
  });

  it("refuses a second start on the same folder, and allows it after the first has closed", async () => {
    const folder = join(base, "busy");
    const first = await openEmbeddedState({ folder, logger });
    await expect(openEmbeddedState({ folder, logger })).rejects.toMatchObject({ code: "YUNWEI_DATA_FOLDER_BUSY" });
    expect(await first.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await first.close();
    await (await openEmbeddedState({ folder, logger })).close();
  });

  it("clears away what a start killed in the middle left, and says so when the folder is not what it was", async () => {
    const folder = join(base, "half");
    await mkdir(join(folder, "draft-killed"), { recursive: true });
    await writeFile(join(folder, "draft-killed", "PG_VERSION"), "18\n");
    await (await openEmbeddedState({ folder, logger })).close();
    await expect(stat(join(folder, "draft-killed"))).rejects.toMatchObject({ code: "ENOENT" });

    await writeFile(join(folder, "data", "PG_VERSION"), "12\n");
    await expect(openEmbeddedState({ folder, logger })).rejects.toMatchObject({
      code: "YUNWEI_DATA_FOLDER_CORRUPT",
      message: expect.stringContaining("PostgreSQL 12"),
    });
    await writeFile(join(folder, "data", "PG_VERSION"), "18\n");
    await rm(join(folder, "data", "global", "pg_control"));
    await expect(openEmbeddedState({ folder, logger })).rejects.toMatchObject({
      code: "YUNWEI_DATA_FOLDER_CORRUPT",
      message: expect.stringContaining("pg_control"),
    });
  });

  it("leaves no process and no socket folder behind", async () => {
    const state = await openEmbeddedState({ folder: join(base, "clean"), logger });
    const socketFolder = decodeURIComponent(state.connectionString.split("host=")[1]!);
    await state.close();
    await expect(stat(socketFolder)).rejects.toMatchObject({ code: "ENOENT" });
    expect(execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })).not.toContain(join(base, "clean"));
  });
});
