import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tarEntries } from "./tar-entries.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei-tar-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function entriesOf(path: string, wanted: (path: string) => boolean): Promise<[path: string, bytes: number][]> {
  const found: [string, number][] = [];
  for await (const { path: name, bytes } of tarEntries(path, wanted)) found.push([name, bytes.length]);
  return found;
}

describe("tarEntries", () => {
  it.each(["gnu", "ustar", "pax"])("reads what tar wrote in the format %s", async (format) => {
    const long = `${"d".repeat(90)}/${"f".repeat(60)}.csv`;
    await mkdir(join(folder, "in", "d".repeat(90)), { recursive: true });
    await writeFile(join(folder, "in", long), "x".repeat(2000));
    await writeFile(join(folder, "in", "exact.csv"), "y".repeat(1024));
    await writeFile(join(folder, "in", "empty.csv"), "");
    const archive = join(folder, "a.tar.gz");
    execFileSync("tar", ["czf", archive, `--format=${format}`, "-C", join(folder, "in"), "."]);
    const found = await entriesOf(archive, (path) => !path.endsWith("exact.csv"));
    expect(found.sort().map(([path, bytes]) => [path.replace(/^\.\//, ""), bytes])).toEqual([
      [long, 2000],
      ["empty.csv", 0],
    ]);
  });

  it("says which archive is damaged", async () => {
    await writeFile(join(folder, "in.csv"), Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 251)));
    const archive = join(folder, "a.tar.gz");
    execFileSync("tar", ["czf", archive, "-C", folder, "in.csv"]);
    const bytes = await readFile(archive);
    await writeFile(archive, bytes.subarray(0, bytes.length >> 1));
    await expect(entriesOf(archive, () => true)).rejects.toThrow(/a\.tar\.gz is damaged/);
  });
});
