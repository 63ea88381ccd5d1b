import { describe, expect, it } from "vitest";
import { Detector } from "./detector.ts";
import type { Finding } from "./finding.ts";
import { MetricIntake } from "./metric-intake.ts";
import { Presence } from "./presence.ts";
import { SourceClock } from "./source-clock.ts";
import { numbersOf, resourceOf, seriesInfoOf } from "./test-telemetry.test-data.ts";

const T = 1_700_000_000_000;
const STEP = 15_000;
const HOSTS = 5;

/** Five hosts with three series each, every 15 s; `reports` says what a series sends, undefined = nothing. */
function play(rounds: number, reports: (host: number, metric: number, round: number) => number | undefined): Finding[] {
  const detector = new Detector();
  const presence = new Presence(detector);
  const intake = new MetricIntake(detector, presence);
  const clock = new SourceClock();
  const metrics = ["system.cpu.utilization", "system.memory.utilization", "system.network.io"];
  const resources = Array.from({ length: HOSTS }, (_, host) => resourceOf(host, { "host.name": `h${host}` }));
  const series = resources.flatMap((resource, host) => metrics.map((metric, which) => seriesInfoOf(host * 3 + which, metric, resource)));
  const findings: Finding[] = [];
  for (let round = 0; round < rounds; round++) {
    const timeMs = T + round * STEP;
    for (let host = 0; host < HOSTS; host++) {
      const points = metrics.flatMap((_, which) => {
        const value = reports(host, which, round);
        return value === undefined ? [] : [[host * 3 + which, timeMs + (host === 4 ? -3_600_000 : 0), value] as const];
      });
      intake.take(numbersOf(series, points), clock, 0, timeMs);
    }
    findings.push(...detector.drain(), ...presence.sweep("token-1", clock));
  }
  return findings;
}

describe("Presence", () => {
  it("says nothing while all report, even of a host whose clock is an hour behind", () => {
    expect(play(100, () => 0.3)).toEqual([]);
  });

  it("tells an absence once per entity, of its most telling series, and closes it on return", () => {
    const findings = play(120, (host, _, round) => (host === 2 && round >= 60 && round < 90 ? undefined : 0.3));
    expect(findings.map(({ state, detector }) => [state, detector])).toEqual([
      ["open", "absence"],
      ["close", "absence"],
    ]);
    expect(findings[0]).toMatchObject({ direction: "absent", harmful: true, onsetMs: T + 59 * STEP });
    expect(findings[0]!.series).toMatchObject({ entity: "host:h2", metric: "system.cpu.utilization", traits: { family: "availability" } });
    const late = (findings[0]!.timeMs - T) / STEP - 59;
    expect(late).toBeGreaterThan(4);
    expect(late).toBeLessThanOrEqual(6);
    expect(findings[1]!.timeMs).toBeLessThanOrEqual(T + 92 * STEP);
  });

  it("does not miss a host whose essential series still comes", () => {
    expect(play(120, (host, metric, round) => (host === 2 && metric > 0 && round >= 60 ? undefined : 0.3))).toEqual([]);
  });

  it("does not miss an entity that it has seen for less than five minutes", () => {
    expect(play(120, (host, _, round) => (host === 2 && round >= 15 ? undefined : 0.3))).toEqual([]);
  });

  it("takes a point without a value (NaN) for no report", () => {
    const findings = play(120, (host, _, round) => (host === 1 && round >= 60 ? Number.NaN : 0.3));
    expect(findings.map(({ series }) => series.entity)).toEqual(["host:h1"]);
  });

  it("misses all hosts when the whole source has fallen silent, by the process clock", () => {
    const findings = play(120, (_, __, round) => (round >= 60 ? undefined : 0.3));
    expect(new Set(findings.map(({ series }) => series.entity)).size).toBe(HOSTS);
  });

  it("closes and forgets an entity that stays away for a day", () => {
    const findings = play(60 + 5760 + 20, (host, _, round) => (host === 2 && round >= 60 ? undefined : 0.3));
    expect(findings.map(({ state }) => state)).toEqual(["open", "close"]);
  });
});
