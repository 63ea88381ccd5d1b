import { OTLP_LOGS_TOPIC as LOGS, OTLP_METRICS_TOPIC as METRICS, OTLP_SPANS_TOPIC as SPANS } from "@yunwei/schemas";
import { describe, expect, it } from "vitest";
import { type BacklogLimits, judgeBacklog } from "./backlog-guard.ts";

const MIB = 1024 * 1024;
const limits: BacklogLimits = { maxBacklogBytes: 100 * MIB, minFreeBytes: 200 * MIB, whenFull: "refuse" };
const waiting = (metrics: number, logs: number, spans: number): Map<string, number> =>
  new Map([
    [METRICS, metrics * MIB],
    [LOGS, logs * MIB],
    [SPANS, spans * MIB],
  ]);

describe("the guard of the backlog", () => {
  it.each([
    { total: 79, free: 999, refused: [] },
    { total: 80, free: 999, refused: [SPANS] },
    { total: 90, free: 999, refused: [LOGS, SPANS] },
    { total: 100, free: 999, refused: [METRICS, LOGS, SPANS] },
    { total: 20, free: 199, refused: [LOGS, SPANS] },
    { total: 20, free: 99, refused: [METRICS, LOGS, SPANS] },
    { total: 15, free: 1, refused: [] }, // what is merely on its way does not fill the disk
    { total: 20, free: undefined, refused: [] },
  ])("at $total MiB waiting and $free MiB free refuses $refused", ({ total, free, refused }) => {
    const verdict = judgeBacklog(limits, { waitingBytes: waiting(total, 0, 0), freeBytes: free === undefined ? undefined : free * MIB });
    expect([...verdict.refused]).toEqual(refused);
    expect(verdict.giveUp).toBeUndefined();
  });

  it.each([
    { case: "spans first", backlog: waiting(50, 40, 11), giveUp: SPANS },
    { case: "then logs", backlog: waiting(50, 51, 0), giveUp: LOGS },
    { case: "metrics last", backlog: waiting(101, 0, 0), giveUp: METRICS },
    { case: "nothing within the limit", backlog: waiting(50, 40, 10), giveUp: undefined },
  ])("where the operator wants it, gives up $case, and refuses nothing", ({ backlog, giveUp }) => {
    const verdict = judgeBacklog({ ...limits, whenFull: "give-up" }, { waitingBytes: backlog, freeBytes: 999 * MIB });
    expect(verdict).toEqual({ refused: new Set(), giveUp });
  });

  it("without limits lets everything pass", () => {
    const none: BacklogLimits = { maxBacklogBytes: 0, minFreeBytes: 0, whenFull: "give-up" };
    expect(judgeBacklog(none, { waitingBytes: waiting(1e6, 1e6, 1e6), freeBytes: 0 })).toEqual({ refused: new Set(), giveUp: undefined });
  });
});
