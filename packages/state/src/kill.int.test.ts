import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEmbeddedState } from "./embedded-state.ts";
import { isAlive } from "./folder-owner.ts";

const silent = () => undefined;
const logger = { debug: silent, info: silent, warn: silent, error: silent };
const script = join(import.meta.dirname, "kill-writer.ts");

let folder: string;
beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "yunwei crash ")), "pg");
});
afterAll(async () => rm(join(folder, ".."), { recursive: true, force: true }));

interface Victim {
  readonly child: ChildProcess;
  readonly postgresPid: number;
  lastAcknowledged(): number;
}

async function startVictim(): Promise<Victim> {
  const child = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  // Only whole lines count: a torn one was never told.
  const whole = () =>
    text
      .slice(0, text.lastIndexOf("\n") + 1)
      .trim()
      .split("\n");
  await expect.poll(() => whole().length, { timeout: 60_000 }).toBeGreaterThan(20);
  return { child, postgresPid: Number(whole()[0]!.slice(4)), lastAcknowledged: () => Number(whole().at(-1)) };
}

async function killNow(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await gone;
}

async function numbersInside(): Promise<{ count: number; max: number }> {
  const state = await openEmbeddedState({ folder, logger });
  const [row] = await state.query<{ count: string; max: string }>("SELECT count(*) AS count, coalesce(max(n), 0) AS max FROM acknowledged");
  await state.close();
  return { count: Number(row!.count), max: Number(row!.max) };
}

describe("kill -9", () => {
  it("of us: the server stops by itself, and every acknowledged commit is there", async () => {
    const victim = await startVictim();
    await sleep(200);
    await killNow(victim.child);
    await expect.poll(() => isAlive(victim.postgresPid), { timeout: 20_000 }).toBe(false);
    const { count, max } = await numbersInside();
    expect(count).toBe(max);
    expect(max).toBeGreaterThanOrEqual(victim.lastAcknowledged());
  });

  it("of us, with a start right behind it: the orphan is stopped first", async () => {
    const victim = await startVictim();
    await killNow(victim.child);
    const { count, max } = await numbersInside();
    expect(isAlive(victim.postgresPid)).toBe(false);
    expect(count).toBe(max);
    expect(max).toBeGreaterThanOrEqual(victim.lastAcknowledged());
  });

  it("of us and of the server, at the same moment, three times over: the log is replayed", async () => {
    for (let round = 0; round < 3; round++) {
      const victim = await startVictim();
      await sleep(50 * round);
      process.kill(victim.postgresPid, "SIGKILL");
      await killNow(victim.child);
      const { count, max } = await numbersInside();
      expect(count).toBe(max);
      expect(max).toBeGreaterThanOrEqual(victim.lastAcknowledged());
    }
  });
});
