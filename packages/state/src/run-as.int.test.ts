import { once } from "node:events";
import { chmod, chown, cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { findPostgresBinaries } from "./postgres-binaries.ts";
import { spawnAs } from "./postgres-process.ts";
import { chooseRunAs, waysOfThisUser } from "./run-as.ts";

/** As in a checkout below a folder like /root, or one that mktemp has made. */
it.each(waysOfThisUser().map((way) => [way.name, way] as const))(
  "makes a database from programs in a folder that only its owner may enter, also when %s would be taken",
  async (_, first) => {
    const { initdb } = await findPostgresBinaries();
    const closed = await mkdtemp(join(tmpdir(), "yunwei-closed-"));
    try {
      await chmod(closed, 0o700);
      await cp(dirname(dirname(initdb)), join(closed, "native"), { recursive: true, verbatimSymlinks: true });
      const own = join(closed, "native", "bin", "initdb");
      const ways = [first, ...waysOfThisUser().filter((way) => way !== first)];
      const way = await chooseRunAs([own, "--show", "-D", closed], closed, ways);
      const data = join(closed, "data");
      await mkdir(data, { mode: 0o700 });
      if (way.owner !== undefined) await chown(data, way.owner.uid, way.owner.gid);
      const child = spawnAs(way, own, ["-D", data, "-U", "test", "--auth=trust", "--no-sync"]);
      let text = "";
      child.stderr?.on("data", (chunk) => {
        text += String(chunk);
      });
      child.stdout?.resume();
      const [code] = await once(child, "close");
      expect([way.name, code, text.split("\n").filter((line) => line.includes("denied"))]).toEqual([way.name, 0, []]);
    } finally {
      await rm(closed, { recursive: true, force: true });
    }
  },
);
