import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TopicContract } from "@yunwei/schemas";
import { describe, expect, it } from "vitest";
import { busContract } from "../bus.contract.ts";
import { openEmbeddedBus } from "./embedded-bus.ts";

const contract = (name: string, partitions = 1): TopicContract => ({
  name,
  producer: "t",
  consumers: [],
  partitions,
  retentionHours: 1,
  retentionBytes: 4_000,
});
const folderOf = (): Promise<string> => mkdtemp(join(tmpdir(), "yunwei bus "));

const suiteFolder = await folderOf();
busContract("EmbeddedBus", () => openEmbeddedBus({ folder: suiteFolder }));

async function drain(folder: string, topic: string, groupId = "reader"): Promise<string[]> {
  const bus = await openEmbeddedBus({ folder });
  const seen: string[] = [];
  const subscription = await bus.subscribe({ topic, groupId }, async (batch) => {
    for (const one of batch) seen.push(Buffer.from(one.value).toString());
  });
  await expect.poll(() => subscription.lag(), { timeout: 10_000 }).toBe(0);
  await bus.close();
  return seen;
}

describe("EmbeddedBus on a damaged disk", () => {
  it("cuts off an unfinished write, keeps a copy, and loses nothing before it", async () => {
    const folder = await folderOf();
    const bus = await openEmbeddedBus({ folder });
    await bus.ensureTopics([contract("t")]);
    for (let i = 0; i < 20; i++) await bus.publish("t", [{ key: "k", value: Buffer.from(`value ${i}`) }]);
    await bus.close();
    const partition = join(folder, "t", "0");
    const [segment] = await readdir(partition);
    await appendFile(join(partition, segment!), Buffer.from([1, 2, 3, 200, 0, 0, 0]));
    const told: string[] = [];
    const again = await openEmbeddedBus({ folder, onTrouble: (message) => told.push(message) });
    await again.publish("t", [{ key: "k", value: Buffer.from("value 20") }]);
    await again.close();
    expect(told.join()).toContain("cut off");
    expect((await readdir(partition)).some((name) => name.includes(".damaged-"))).toBe(true);
    expect(await drain(folder, "t")).toEqual(Array.from({ length: 21 }, (_, i) => `value ${i}`));
  });

  it.each(["an old segment", "the newest segment"])("steps over a damaged record in the middle of %s and says so", async (which) => {
    const DAMAGED = 2;
    const folder = await folderOf();
    const bus = await openEmbeddedBus({ folder, segmentBytes: which === "an old segment" ? 500 : 1 << 20 });
    await bus.ensureTopics([contract("t")]);
    for (let i = 0; i < 40; i++) await bus.publish("t", [{ key: "k", value: Buffer.from(`value ${i}`) }]);
    await bus.close();
    const partition = join(folder, "t", "0");
    const first = join(partition, (await readdir(partition)).sort()[0]!);
    const bytes = await readFile(first);
    const at = bytes.indexOf(`value ${DAMAGED}`);
    bytes[at] = bytes[at]! ^ 0xff;
    await writeFile(first, bytes);
    const all = Array.from({ length: 40 }, (_, i) => `value ${i}`);
    expect(await drain(folder, "t")).toEqual(all.filter((_, i) => i !== DAMAGED));
  });

  it("refuses an unreadable list of topics with the place and what to do", async () => {
    const folder = await folderOf();
    await writeFile(join(folder, "topics.json"), "[{");
    await expect(openEmbeddedBus({ folder })).rejects.toMatchObject({ code: "YUNWEI_DATA_FOLDER_CORRUPT", message: expect.stringContaining("topics.json") });
  });

  it("a torn offset file falls back to the older commit", async () => {
    const folder = await folderOf();
    const bus = await openEmbeddedBus({ folder });
    await bus.ensureTopics([contract("t")]);
    await bus.publish("t", [{ key: "k", value: Buffer.from("1") }]);
    await bus.close();
    expect(await drain(folder, "t")).toEqual(["1"]);
    const path = join(folder, "offsets", "t", "0", "reader.offset");
    await truncate(path, (await stat(path)).size - 10);
    expect((await drain(folder, "t")).length).toBeLessThanOrEqual(1);
  });

  it("deletes expired segments only when every group has passed them", async () => {
    const folder = await folderOf();
    const bus = await openEmbeddedBus({ folder, segmentBytes: 500 });
    await bus.ensureTopics([contract("t")]);
    const publish = async (count: number) => {
      for (let i = 0; i < count; i++) await bus.publish("t", [{ key: "k", value: Buffer.alloc(200) }]);
    };
    await publish(5);
    let block = true;
    const slow = await bus.subscribe({ topic: "t", groupId: "slow" }, async () => {
      if (block) throw new Error("blocked on purpose");
    });
    await publish(60);
    await bus.retain(Date.now() + 7_200_000);
    const kept = (await readdir(join(folder, "t", "0"))).length;
    expect(kept).toBeGreaterThan(20);
    block = false;
    await expect.poll(() => slow.lag(), { timeout: 15_000 }).toBe(0);
    await bus.retain(Date.now() + 7_200_000);
    expect((await readdir(join(folder, "t", "0"))).length).toBe(1);
    await bus.close();
  });
});

describe("EmbeddedBus under kill -9", () => {
  it("loses nothing acknowledged and doubles nothing, ten times", async () => {
    const folder = await folderOf();
    const acknowledged: string[] = [];
    for (let round = 0; round < 10; round++) {
      const child = spawn(process.execPath, [fileURLToPath(new URL("./kill-writer.ts", import.meta.url)), folder, String(round)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let text = "";
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        if (text.length > 400 + round * 300) child.kill("SIGKILL");
      });
      await once(child, "close");
      acknowledged.push(
        ...text
          .slice(0, text.lastIndexOf("\n"))
          .split("\n")
          .filter((line) => line !== ""),
      );
    }
    const seen = await drain(folder, "t");
    const unique = new Set(seen);
    expect(unique.size).toBe(seen.length);
    expect(acknowledged.filter((value) => !unique.has(value))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(100);
  });
});
