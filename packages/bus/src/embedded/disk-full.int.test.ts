import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openEmbeddedBus } from "./embedded-bus.ts";

const folder = await mkdtemp(join(tmpdir(), "yunwei-full-"));

/** A file system of 4 MiB of its own; undefined where we may not mount one. */
function mountSmall(): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const mounted = mountSmall();
afterAll(async () => {
  if (mounted) execFileSync("umount", [folder]);
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(!mounted)("EmbeddedBus on a full disk (needs the right to mount)", () => {
  it("refuses what it cannot keep with a code that says to send again, and loses nothing it had kept", async () => {
    const bus = await openEmbeddedBus({ folder: join(folder, "bus") });
    await bus.ensureTopics([{ name: "t", producer: "t", consumers: [], partitions: 1, retentionHours: 1, retentionBytes: 1 << 30 }]);
    let kept = 0;
    const fill = async (): Promise<void> => {
      for (;;) {
        await bus.publish("t", [{ key: "k", value: Buffer.alloc(100_000, kept) }]);
        kept++;
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: "YUNWEI_BUS_UNAVAILABLE", message: expect.stringContaining("free disk space") });
    expect(kept).toBeGreaterThan(20);
    await expect(bus.publish("t", [{ key: "k", value: Buffer.alloc(500_000) }])).rejects.toMatchObject({ code: "YUNWEI_BUS_UNAVAILABLE" });
    const seen: number[] = [];
    const subscription = await bus.subscribe({ topic: "t", groupId: "g" }, async (batch) => {
      for (const message of batch) seen.push(message.value[0]!);
    });
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(kept);
    expect(seen).toEqual(Array.from({ length: kept }, (_, i) => i % 256));
    await subscription.close();
    await bus.close();
    const again = await openEmbeddedBus({ folder: join(folder, "bus") });
    await again.close();
  });
});
