import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { chooseRunAs, type RunAs } from "./run-as.ts";

const broken: RunAs = { name: "setpriv", prefix: ["false"] };
const absent: RunAs = { name: "unshare", prefix: ["/no/such/program"] };
const working: RunAs = { name: "self", prefix: [] };

const command = [process.execPath, "--version"];

describe("chooseRunAs", () => {
  it("takes the first way that works", async () => {
    expect(await chooseRunAs(command, tmpdir(), [broken, absent, working])).toBe(working);
  });

  it("names every way it tried when none works", async () => {
    await expect(chooseRunAs(command, tmpdir(), [broken, absent])).rejects.toMatchObject({
      code: "YUNWEI_ENGINE_FAILED",
      details: [expect.stringMatching(/^setpriv: exit code 1$/), expect.stringMatching(/^unshare: .*ENOENT/)],
    });
  });

  it("finds out that a folder cannot be entered", async () => {
    await expect(chooseRunAs(command, "/no such folder", [working])).rejects.toMatchObject({ code: "YUNWEI_ENGINE_FAILED" });
  });
});
