import { statfs, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { mountSmallDisk } from "./small-disk.ts";

const disk = await mountSmallDisk(16 * 1024 * 1024);
afterAll(() => disk?.remove());

describe.skipIf(disk === undefined)(`a small disk${disk === undefined ? " (no file system may be mounted here)" : ""}`, () => {
  it("is full when filled, and has room again when freed", async () => {
    await disk!.fill();
    expect((await statfs(disk!.folder)).bavail).toBe(0);
    await disk!.free();
    expect((await statfs(disk!.folder)).bavail).toBeGreaterThan(3_000);
  });

  it("can be filled while somebody frees some", async () => {
    for (let round = 0; round < 20; round++) {
      const others = Array.from({ length: 50 }, (_, index) => join(disk!.folder, `of-somebody-else-${index}`));
      for (const path of others) await writeFile(path, Buffer.alloc(4096));
      const filling = disk!.fill();
      const freeing = (async () => {
        while ((await statfs(disk!.folder)).bavail > 0);
        for (const path of others) await unlink(path).then(() => sleep(1));
      })();
      await Promise.all([filling, freeing]);
      await disk!.free();
    }
  });
});
