import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { errorText, openLogFile } from "./log-file.ts";

it("keeps lines, sets a full file aside, and is for its owner only", () => {
  const folder = mkdtempSync(join(tmpdir(), "yunwei-log-"));
  writeFileSync(join(folder, "yunwei.log"), Buffer.alloc(33 * 1024 * 1024, "x"));
  const log = openLogFile(folder);
  log.write('{"level":30,"msg":"fresh"}\n');
  log.close();
  expect([readFileSync(log.path, "utf8"), statSync(`${log.path}.1`).size]).toEqual(['{"level":30,"msg":"fresh"}\n', 33 * 1024 * 1024]);
  expect(statSync(log.path).mode & 0o777).toBe(0o600);
});

it("tells people of errors in one line", () => {
  expect(errorText('{"level":50,"service":"rca","err":{"message":"no disk"},"msg":"a round failed"}')).toBe("rca: a round failed: no disk");
  expect(errorText('{"level":40,"msg":"careful"}')).toBeUndefined();
});
