import { zstdCompressSync } from "node:zlib";
import { LogDecoder } from "@yunwei/otlp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ZoneClock } from "../log-door/zone-clock.ts";
import { readFrames } from "./frames.ts";
import { parseImportOptions } from "./import-options.ts";
import type { BadPiece, ImportPiece, Place, ReadPieces } from "./import-piece.ts";
import { readJsonLines } from "./json-lines.ts";
import { progressLine } from "./progress-line.ts";
import { readLines } from "./read-lines.ts";
import { signalOfName } from "./signal-of-name.ts";
import { BEGINNING, readSyslogLines } from "./syslog-lines.ts";

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all(read: ReadPieces, file: Buffer, size = 7, from: Place = BEGINNING): Promise<(ImportPiece | BadPiece)[]> {
  const found: (ImportPiece | BadPiece)[] = [];
  for await (const piece of read(chunked(file.subarray(from.offset), size), from))
    found.push({ ...piece, ...("body" in piece ? { body: Buffer.from(piece.body) } : {}) });
  return found;
}

const frame = (content: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
};
const JSON_LOGS = '{"resourceLogs":[]}';
const size = fc.integer({ min: 1, max: 50 });
const syslog = readSyslogLines(new ZoneClock("Asia/Shanghai"), "here", Date.parse("2026-11-26T06:00:00Z"));
const readers: [string, ReadPieces][] = [
  ["otlp-json", readJsonLines],
  ["otlp-proto", readFrames("logs")],
  ["syslog", syslog],
];

describe("readLines", () => {
  it("gives every line with its place, whatever the chunks", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ maxLength: 30 }).map((text) => text.replaceAll("\n", " "))), fc.boolean(), size, async (lines, isEnded, chunk) => {
        const file = Buffer.from(lines.join("\n") + (isEnded && lines.length > 0 ? "\n" : ""));
        let at: Place = BEGINNING;
        const found: string[] = [];
        for await (const line of readLines(chunked(file, chunk), BEGINNING, 1_000)) {
          expect(line.from).toEqual(at);
          at = line.next;
          found.push(line.bytes.toString());
        }
        const wanted = file.toString().split("\n");
        if (wanted.at(-1) === "") wanted.pop();
        expect([found, at.offset]).toEqual([wanted, file.length]);
      }),
    );
  });

  it("cuts a long line, and knows its length", async () => {
    const lines = [];
    for await (const line of readLines(chunked(Buffer.from("aaaaabb\nc"), 3), BEGINNING, 5))
      lines.push([line.bytes.toString(), line.cutBytes, line.next.offset, line.isOpen]);
    expect(lines).toEqual([
      ["aaaaa", 2, 8, false],
      ["c", 0, 9, true],
    ]);
  });
});

describe.each(readers)("%s", (name, read) => {
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc
      .array(fc.constantFrom(JSON_LOGS, "\n", "{", "<13>x\n", "\0\0\0\x02ab", "\0\0\0\0", "\xff\xff\xff\xff"), { maxLength: 30 })
      .map((parts) => Buffer.from(parts.join(""), "latin1")),
  );

  it("takes any bytes; its pieces lie one behind the other, and reading can go on behind each", async () => {
    await fc.assert(
      fc.asyncProperty(content, size, fc.nat(), async (file, chunk, pick) => {
        const pieces = await all(read, file, chunk);
        let at = 0;
        for (const { from, next } of pieces) {
          expect(from.offset).toBeGreaterThanOrEqual(at);
          expect(next.offset).toBeGreaterThanOrEqual(from.offset);
          at = next.offset;
        }
        expect(at).toBeLessThanOrEqual(file.length);
        const cut = pieces.length === 0 ? 0 : pick % pieces.length;
        // What follows a piece does not depend on having read it.
        if (pieces.length > 0 && name !== "syslog")
          expect(await all(read, file, chunk, pieces[cut]!.next)).toEqual(
            pieces[cut]!.next.offset === pieces[cut]!.from.offset ? pieces.slice(cut) : pieces.slice(cut + 1),
          );
      }),
    );
  });
});

describe("JSON lines", () => {
  it("knows signals, and tells where something is wrong", async () => {
    const lines = ['{"resourceMetrics":[]}', "", ' { "resourceSpans" : [] }', "nonsense", '{"x":1,"resourceLogs":[]}', '{"other":[]}'];
    const found = await all(readJsonLines, Buffer.from(`${lines.join("\n")}\n`));
    expect(found.map((piece) => [piece.from.number, piece.kind === "request" ? piece.signal : piece.kind])).toEqual([
      [1, "metrics"],
      [3, "traces"],
      [4, "bad"],
      [5, "logs"],
      [6, "bad"],
    ]);
  });

  it("leaves a last line that is not complete for later, and takes one that is", async () => {
    const [half] = await all(readJsonLines, Buffer.from('{"resourceLogs":['));
    expect(half).toMatchObject({ kind: "bad", next: BEGINNING });
    expect(await all(readJsonLines, Buffer.from(JSON_LOGS))).toMatchObject([{ kind: "request", next: { offset: JSON_LOGS.length, number: 2 } }]);
  });
});

describe("frames", () => {
  it("reads protobuf and JSON, plain and by zstd", async () => {
    const file = Buffer.concat([
      frame(Buffer.from([0x0a, 0])),
      frame(Buffer.from(JSON_LOGS)),
      frame(zstdCompressSync(JSON_LOGS)),
      frame(Buffer.from("28b52ffd00", "hex")),
    ]);
    const found = await all(readFrames("traces"), file, 3);
    expect(found.map((piece) => (piece.kind === "request" ? [piece.signal, piece.encoding] : [piece.kind]))).toEqual([
      ["traces", "protobuf"],
      ["logs", "json"],
      ["logs", "json"],
      ["bad"],
    ]);
    expect(found.at(-1)!.next.offset).toBe(file.length);
  });

  it("leaves a last frame that is not complete for later, and stops where no length can be", async () => {
    const sound = frame(Buffer.from(JSON_LOGS));
    const [, rest] = await all(readFrames("logs"), Buffer.concat([sound, sound.subarray(0, 9)]));
    expect(rest).toMatchObject({ kind: "bad", from: { offset: sound.length }, next: { offset: sound.length } });
    expect(await all(readFrames("logs"), Buffer.from("ffffffff00", "hex"))).toMatchObject([{ kind: "bad", next: BEGINNING }]);
    expect(await all(readFrames(undefined), frame(Buffer.from([0x0a, 0])))).toMatchObject([
      { kind: "bad", problem: expect.stringContaining("--signal") as unknown },
    ]);
  });
});

it("makes requests of 1,000 syslog lines", async () => {
  const text = Array.from({ length: 2_500 }, (_, i) => `Nov 26 13:59:00 h1 app[7]: line ${i}`).join("\r\n");
  const found = (await all(syslog, Buffer.from(text), 1_000)) as ImportPiece[];
  const decoder = new LogDecoder();
  const counts = found.map(({ body }) => {
    decoder.decode(body, { source: "", site: "", tier: "", department: "", receivedMs: Date.parse("2026-11-26T06:00:00Z") });
    return decoder.logs.count;
  });
  expect(counts).toEqual([1_000, 1_000, 500]);
  expect(found.at(-1)!.next).toEqual({ offset: text.length, number: 2_501 });
});

it.each([
  ["/x/otlp-metrics.pb", "metrics"],
  ["/logs/spans.bin", "traces"],
  ["app.log", "logs"],
  ["metrics-and-logs.pb", undefined],
  ["data.pb", undefined],
])("%s speaks of %s", (path, want) => expect(signalOfName(path)).toBe(want));

describe("parseImportOptions", () => {
  it("takes what is there by default", () => {
    const options = parseImportOptions(["/a/b.json"], "./data");
    expect(options).toMatchObject({ files: ["/a/b.json"], data: "./data", endpoint: undefined, timeZone: "Asia/Shanghai" });
    expect(options.checkpointOf("/a/b.json")).toBe("/a/.b.json.yunwei-import");
  });

  it.each([
    [[], /which file/],
    [["f", "--endpoint", "http://h"], /go together/],
    [["f", "--format", "csv"], /--format csv/],
    [["f", "--time-zone", "Mars"], /Mars/],
    [["f", "--wrong"], /--wrong/],
  ])("refuses %j", (argv, want) => expect(() => parseImportOptions(argv, "d")).toThrow(want));
});

it("says how far it is", () => {
  const found = { path: "/x/a.json", bytes: 50e6, startBytes: 40e6, sizeBytes: 100e6, requests: 12, refused: 3, waiting: "" };
  expect(progressLine(found, 2_000)).toBe("a.json: 50 %, 50.0 of 100.0 MB, 12 requests, 5.0 MB/s, 3 left out");
  expect(progressLine({ ...found, sizeBytes: undefined, refused: 0, waiting: "HTTP 503" }, 0)).toBe("a.json: 50.0 MB, 12 requests; waits: HTTP 503");
});
