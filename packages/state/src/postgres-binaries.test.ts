import { mkdir, mkdtemp, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeLibraryLinks } from "./postgres-binaries.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei links "));
  await mkdir(join(folder, "native", "lib"), { recursive: true });
  await writeFile(join(folder, "native", "lib", "libx.so.1.2"), "library");
  const links = [
    { source: "native/lib/libx.so.1.2", target: "native/lib/libx.so" },
    { source: "native/lib/libx.so.1.2", target: "native/lib/libx.so.1" },
  ];
  await writeFile(join(folder, "native", "pg-symlinks.json"), JSON.stringify(links));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

describe("makeLibraryLinks", () => {
  it("makes links that stay right when the folder is moved, also when asked twice at once", async () => {
    await Promise.all([makeLibraryLinks(folder), makeLibraryLinks(folder)]);
    await makeLibraryLinks(folder);
    expect(await readlink(join(folder, "native", "lib", "libx.so.1"))).toBe("libx.so.1.2");
    expect(await readFile(join(folder, "native", "lib", "libx.so"), "utf8")).toBe("library");
  });

  it("leaves what is there already", async () => {
    await writeFile(join(folder, "native", "lib", "libx.so"), "of the install script");
    await makeLibraryLinks(folder);
    expect(await readFile(join(folder, "native", "lib", "libx.so"), "utf8")).toBe("of the install script");
  });

  it("says what to do when the links cannot be made", async () => {
    await rm(join(folder, "native", "lib"), { recursive: true });
    await expect(makeLibraryLinks(folder)).rejects.toMatchObject({ code: "YUNWEI_ENGINE_FAILED", message: expect.stringContaining("npm rebuild") });
  });
});
