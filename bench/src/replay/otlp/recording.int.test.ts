import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ReplayRequest } from "../replay-source.ts";
import { readLines } from "./read-lines.ts";
import { Recording } from "./recording.ts";
import { readPosition, writePosition } from "./replay-position.ts";

const NOW_MS = Date.UTC(2026, 10, 26);
const OLD_MS = Date.UTC(2024, 0, 1);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei-recording-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const logLine = (ms: number, text: string): string =>
  JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: `${ms}000000`, body: { stringValue: text } }] }] }] });

async function open(position?: Awaited<ReturnType<typeof readPosition>>): Promise<{ recording: Recording; told: string[] }> {
  const told: string[] = [];
  const recording = await Recording.open({ path: folder, nowMs: NOW_MS, marginMs: 120_000, position, tell: (line) => told.push(line) });
  return { recording, told };
}

async function textsOf(recording: Recording, take = Number.POSITIVE_INFINITY): Promise<string[]> {
  const texts: string[] = [];
  for await (const request of recording.phase().requests) {
    texts.push(textOf(request));
    request.acknowledged?.();
    if (texts.length >= take) break;
  }
  return texts;
}

const textOf = ({ body }: ReplayRequest): string => /"stringValue":"([^"]*)"/.exec(Buffer.from(body).toString("utf8"))![1]!;

describe("Recording", () => {
  it("merges files by time, packed or not, and moves the end to two minutes ago", async () => {
    await writeFile(join(folder, "a.jsonl"), `${logLine(OLD_MS, "1")}\n${logLine(OLD_MS + 4000, "4")}\n`);
    await writeFile(join(folder, "b.json.gz"), gzipSync(`${logLine(OLD_MS + 1000, "2")}\n\n${logLine(OLD_MS + 2000, "3")}\n${logLine(OLD_MS + 9000, "5")}`));
    await writeFile(join(folder, "notes.txt"), "not ours");
    const { recording, told } = await open();
    expect(told).toEqual([]);
    expect(recording).toMatchObject({ requests: 5, badLines: 0, toMs: NOW_MS - 120_000, fromMs: NOW_MS - 129_000 });
    expect(await textsOf(recording)).toEqual(["1", "2", "3", "4", "5"]);
  });

  it("tells of bad lines by file and number and sends the rest", async () => {
    await writeFile(join(folder, "a.json"), `${logLine(OLD_MS, "1")}\n{"resourceLogs":\nnonsense\n${logLine(OLD_MS + 1, "2")}\n`);
    const { recording, told } = await open();
    expect(told).toEqual([expect.stringMatching(/^a\.json line 2: not JSON/), expect.stringMatching(/^a\.json line 3: not JSON/)]);
    expect(recording.badLines).toBe(2);
    expect(await textsOf(recording)).toEqual(["1", "2"]);
  });

  it("keeps what is before the damage of a packed file", async () => {
    const packed = gzipSync(Array.from({ length: 20_000 }, (_, i) => logLine(OLD_MS + i, `${i} ${Math.sin(i)}`)).join("\n"));
    await writeFile(join(folder, "a.json.gz"), packed.subarray(0, packed.length >> 1));
    const { recording, told } = await open();
    expect(told.at(-1)).toMatch(/a\.json\.gz line \d+: the rest of the file cannot be read/);
    expect(recording.requests).toBeGreaterThan(100);
  });

  it("goes on behind the last acknowledged line, with the same shift", async () => {
    await writeFile(join(folder, "a.json"), [0, 2, 4].map((i) => logLine(OLD_MS + i, String(i))).join("\n"));
    await writeFile(join(folder, "b.json"), [1, 3, 5].map((i) => logLine(OLD_MS + i, String(i))).join("\n"));
    const first = (await open()).recording;
    expect(await textsOf(first, 3)).toEqual(["0", "1", "2"]);
    await writePosition(folder, first.position());
    const second = (await open(await readPosition(folder, folder))).recording;
    expect(second.shiftMs).toBe(first.shiftMs);
    expect(await textsOf(second)).toEqual(["3", "4", "5"]);
  });

  it("refuses a position that is not there, damaged, or of another recording", async () => {
    await expect(readPosition(folder, folder)).rejects.toThrow(/nothing to resume/);
    await writeFile(join(folder, "replay-position.json"), '{"recording":');
    await expect(readPosition(folder, folder)).rejects.toThrow(/damaged/);
    await writePosition(folder, { recording: "/elsewhere", shiftMs: 0, lines: {} });
    await expect(readPosition(folder, folder)).rejects.toThrow(/\/elsewhere/);
  });

  it("refuses a folder without requests", async () => {
    await expect(open()).rejects.toThrow(/no \.json/);
    await writeFile(join(folder, "a.json"), "nothing\n");
    await expect(open()).rejects.toThrow(/no OTLP JSON line/);
  });
});

describe("readLines", () => {
  it("passes over a line beyond the limit and reads on", async () => {
    const path = join(folder, "a.json");
    await writeFile(path, `short\n${"x".repeat(300_000)}\nend`);
    const lines = [];
    for await (const line of readLines(path, 1000)) lines.push("problem" in line ? line : { number: line.number, text: line.bytes.toString("utf8") });
    expect(lines).toEqual([
      { number: 1, text: "short" },
      { number: 2, problem: "the line is over 1000 bytes" },
      { number: 3, text: "end" },
    ]);
  });
});
