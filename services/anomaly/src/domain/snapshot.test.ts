import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFrames, encodeFrame } from "../adapters/snapshot-frame.ts";
import { Detector } from "./detector.ts";
import { MetricIntake } from "./metric-intake.ts";
import { Presence } from "./presence.ts";
import { restoreSnapshot, type SnapshotPiece, takeSnapshot } from "./snapshot.ts";
import { SourceClocks } from "./source-clocks.ts";
import { numbersOf, resourceOf, seriesInfoOf } from "./test-telemetry.test-data.ts";

const T = 1_700_000_000_000;
const STEP = 15_000;

function partsOf() {
  const detector = new Detector();
  const presence = new Presence(detector);
  return { detector, presence, clocks: new SourceClocks() };
}

const metrics = ["system.cpu.utilization", "system.filesystem.utilization", "process.uptime", "app.requests", "yunwei.link.up"];
const hosts = [0, 1, 2, 3].map((host) => resourceOf(host, { "host.name": `h${host}` }));
const series = hosts.flatMap((host, which) =>
  metrics.map((metric, at) => seriesInfoOf(which * metrics.length + at, metric, host, metric === "app.requests" ? "sum" : "gauge", true)),
);

type Round = readonly (number | undefined)[];

function play(parts: ReturnType<typeof partsOf>, rounds: readonly Round[], from: number) {
  const intake = new MetricIntake(parts.detector, parts.presence);
  rounds.forEach((round, i) => {
    const timeMs = T + (from + i) * STEP;
    const points = round.flatMap((value, at) => (value === undefined ? [] : [[at, timeMs, value] as const]));
    intake.take(numbersOf(series, points), parts.clocks.of("token-1"), 0, timeMs);
  });
  parts.clocks.advanceAll(T + (from + rounds.length) * STEP);
  return [...parts.detector.drain(), ...parts.presence.sweep("token-1", parts.clocks.of("token-1"))];
}

const save = (parts: ReturnType<typeof partsOf>): SnapshotPiece[] =>
  decodeFrames(Buffer.concat([...takeSnapshot(parts, T)].map((piece) => Buffer.from(encodeFrame(piece)))));

describe("snapshot", () => {
  const value = fc.oneof({ weight: 4, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) }, fc.constantFrom(undefined, 0, 1, 100, Number.NaN));
  const rounds = fc.array(fc.array(value, { minLength: series.length, maxLength: series.length }), { minLength: 1, maxLength: 60 });

  it("restored tells the same future as the detector that went on", () => {
    fc.assert(
      fc.property(rounds, rounds, (past, future) => {
        const parts = partsOf();
        play(parts, past, 0);
        const restored = partsOf();
        expect(restoreSnapshot(restored, save(parts), T + past.length * STEP)).toBeUndefined();
        expect(restored.detector.openAnomalies).toBe(parts.detector.openAnomalies);
        const again = past.slice(-3); // delivered again after the restart: a no-op
        play(restored, again, past.length - again.length);
        expect(play(restored, future, past.length)).toEqual(play(parts, future, past.length));
      }),
      { numRuns: 40 },
    );
  });

  it("keeps an open absence, and closes it when the entity returns", () => {
    const parts = partsOf();
    const all = series.map(() => 0.5);
    const without = all.map((one, at) => (at < metrics.length ? undefined : one));
    play(
      parts,
      Array.from({ length: 60 }, () => all),
      0,
    );
    expect(
      play(
        parts,
        Array.from({ length: 20 }, () => without),
        60,
      ).filter(({ detector }) => detector === "absence"),
    ).toHaveLength(1);
    const restored = partsOf();
    restoreSnapshot(restored, save(parts), T + 80 * STEP);
    const back = play(
      restored,
      Array.from({ length: 10 }, () => all),
      80,
    );
    expect(back.filter(({ detector }) => detector === "absence")).toMatchObject([{ state: "close", series: { entity: "host:h0" } }]);
  });

  it.each([
    { case: "cut off", spoil: (bytes: Buffer) => bytes.subarray(0, bytes.length - 5) },
    { case: "with a flipped bit", spoil: (bytes: Buffer) => bytes.map((byte, at) => (at === 100 ? byte ^ 4 : byte)) as Buffer },
    { case: "of rubbish", spoil: () => Buffer.from("this is not a snapshot at all") },
  ])("$case is refused with the place of the damage", ({ spoil }) => {
    const parts = partsOf();
    play(parts, [series.map(() => 1)], 0);
    const file = Buffer.concat([...takeSnapshot(parts, T)].map((piece) => Buffer.from(encodeFrame(piece))));
    expect(() => decodeFrames(spoil(file))).toThrowError(expect.objectContaining({ code: "YUNWEI_DATA_FOLDER_CORRUPT" }));
  });

  it.each([
    { case: "without its end", change: (pieces: SnapshotPiece[]) => pieces.slice(0, -1) },
    { case: "without a piece of its series", change: (pieces: SnapshotPiece[]) => pieces.filter(({ kind }) => kind !== "series") },
    { case: "of another layout", change: ([head, ...rest]: SnapshotPiece[]) => [{ ...(head as SnapshotPiece & { kind: "head" }), layout: 999 }, ...rest] },
  ])("$case is refused", ({ change }) => {
    const parts = partsOf();
    play(parts, [series.map(() => 1)], 0);
    expect(restoreSnapshot(partsOf(), change(save(parts)), T)).toBeTypeOf("string");
  });
});
