import { describe, expect, it } from "vitest";
import { ACKNOWLEDGE, CLOSE, MACHINE, MITIGATE, OPENED_MS, play, REGRESS, RESOLVE, WAIT } from "./incident.fixture.ts";
import type { Incident } from "./incident.ts";
import { advance } from "./incident-fold.ts";
import { createdFields, intentsOfReport, opensIncident, opensRecurrence } from "./incident-report-rules.ts";
import { lockReport, undeterminedReport } from "./report.fixture.ts";

function opened(report = lockReport()): Incident {
  const fields = { ...createdFields(report, { incidentId: "i1", number: "INC-000001" }, OPENED_MS) };
  const created = advance(undefined, { event: "create", actor: MACHINE, fields }, OPENED_MS).incident;
  return play(created, ...intentsOfReport(created, report, OPENED_MS));
}
const told = (incident: Incident, report: ReturnType<typeof lockReport>) => intentsOfReport(incident, report, OPENED_MS).map((intent) => intent.event);

describe("opensIncident", () => {
  it.each([
    { case: "an open group with alerts", report: lockReport(), want: true },
    { case: "a minor one", report: lockReport({ severity: "minor" }), want: true },
    { case: "an info one", report: lockReport({ severity: "info" }), want: false },
    { case: "a resolved group", report: lockReport({ groupState: "resolved" }), want: false },
    { case: "no alerts", report: lockReport({ alertCount: 0 }), want: false },
  ])("$case: $want", ({ report, want }) => {
    expect(opensIncident(report)).toBe(want);
  });
});

describe("titles", () => {
  it("name the cause, or the loudest symptom and that the cause is not determined", () => {
    expect(opened().title).toEqual({ zh: "苏州 数据库 order-db：锁争用", en: "Suzhou database order-db: lock contention" });
    expect(opened(undeterminedReport()).title).toEqual({
      zh: "苏州 服务 order 等 2 处异常（根因未定）",
      en: "Suzhou service order and 1 more: abnormal (cause not determined)",
    });
    expect(opened(undeterminedReport({ verdict: "external_load" })).title).toEqual({
      zh: "苏州 服务 order：外部流量突增，内部无故障",
      en: "Suzhou service order: traffic surge from outside, nothing inside at fault",
    });
  });

  it("name a dependency by its ends, and say so when nothing has a name", () => {
    const cause = {
      ...lockReport().causes[0]!,
      entity: "edge:pay->order",
      edge: { from: "service:pay", to: "service:order" },
      mode: "network_delay" as const,
      site: "",
    };
    expect(opened(lockReport({ causes: [cause] })).title).toEqual({ zh: "调用 pay→order：网络延迟升高", en: "calls pay→order: network delay" });
    const bare = undeterminedReport({ graph: { nodes: [], edges: [] }, impact: { services: [], departments: [], sites: [], entityCount: 0 } });
    expect(opened(bare).title).toEqual({ zh: "多处异常（根因未定）", en: "Several places: abnormal (cause not determined)" });
  });
});

describe("intentsOfReport", () => {
  it("names the cause right behind the opening, and says nothing twice", () => {
    expect(opened()).toMatchObject({ namedCause: "database:order-db|lock_contention", seq: 2 });
    expect(told(opened(), lockReport({ revision: 2, confidence: 0.91 }))).toEqual([]);
  });

  it("names a cause that is found later, changes it, and withdraws it", () => {
    const unknown = opened(undeterminedReport());
    expect(unknown).toMatchObject({ seq: 1 });
    expect(told(unknown, undeterminedReport({ revision: 2 }))).toEqual([]);
    expect(told(unknown, lockReport({ revision: 2 }))).toEqual(["name_cause"]);
    const other = lockReport({ revision: 2, causes: [{ ...lockReport().causes[0]!, mode: "disk_slow" }] });
    expect(told(opened(), other)).toEqual(["change_cause"]);
    const withdrawn = play(opened(), ...intentsOfReport(opened(), undeterminedReport({ revision: 2 }), OPENED_MS));
    expect(withdrawn).toMatchObject({ namedCause: "", title: { zh: expect.stringContaining("根因未定") } });
    expect(told(withdrawn, lockReport({ revision: 3 }))).toEqual(["change_cause"]);
  });

  it("raises the priority of a fault that spreads, and keeps it when it shrinks", () => {
    const wide = lockReport({
      revision: 2,
      severity: "critical",
      alertCount: 90,
      impact: { services: ["order"], departments: ["a", "b", "c"], sites: ["wuxi"], entityCount: 9 },
    });
    const spread = play(opened(), ...intentsOfReport(opened(), wide, OPENED_MS));
    expect(opened().priority).toBe("P3");
    expect(spread).toMatchObject({ priority: "P1", impact: 2, urgency: 1, alertCount: 90, sites: ["suzhou", "wuxi"], services: ["order", "pay"] });
    const shrunk = play(spread, ...intentsOfReport(spread, lockReport({ revision: 3, severity: "minor", alertCount: 1 }), OPENED_MS));
    expect(shrunk).toMatchObject({ priority: "P1", alertCount: 1 });
  });

  const resolvedReport = lockReport({ revision: 2, groupState: "resolved" });
  it.each([
    { state: "new", incident: opened() },
    { state: "in_progress", incident: play(opened(), ACKNOWLEDGE) },
    { state: "pending", incident: play(opened(), ACKNOWLEDGE, WAIT) },
  ])("records restoration when all alerts resolve in state $state, without acknowledging", ({ incident }) => {
    expect(told(incident, resolvedReport)).toEqual(["resolve_alerts", "mitigate"]);
    const after = play(incident, ...intentsOfReport(incident, resolvedReport, OPENED_MS));
    expect(after).toMatchObject({ state: "mitigated", groupState: "resolved", restoredAtMs: OPENED_MS });
    expect(after.acknowledgedAtMs).toBe(incident.acknowledgedAtMs);
  });

  it("leaves a state that a person has set", () => {
    expect(told(play(opened(), ACKNOWLEDGE, MITIGATE), resolvedReport)).toEqual(["resolve_alerts"]);
    expect(told(play(opened(), ACKNOWLEDGE, RESOLVE), resolvedReport)).toEqual(["resolve_alerts"]);
  });

  it("breaks again when alerts that had resolved fire again, and only then", () => {
    const restored = play(opened(), ...intentsOfReport(opened(), resolvedReport, OPENED_MS));
    expect(told(restored, lockReport({ revision: 3 }))).toEqual(["regress"]);
    expect(play(restored, REGRESS)).toMatchObject({ state: "new", groupState: "open" });
    expect(told(play(opened(), ACKNOWLEDGE, MITIGATE), lockReport({ revision: 3 }))).toEqual([]);
    const resolved = play(restored, ACKNOWLEDGE, RESOLVE);
    expect(told(resolved, lockReport({ revision: 3 }))).toEqual(["reopen"]);
    const byHand = play(restored, { ...REGRESS, fields: {} });
    expect(told(byHand, lockReport({ revision: 3 }))).toEqual(["change_alerts"]);
    const firing = play(byHand, ...intentsOfReport(byHand, lockReport({ revision: 3 }), OPENED_MS));
    expect(told(firing, lockReport({ revision: 4, groupState: "resolved" }))).toEqual(["resolve_alerts", "mitigate"]);
  });
});

describe("opensRecurrence", () => {
  const over = play(opened(), ...intentsOfReport(opened(), lockReport({ revision: 2, groupState: "resolved" }), OPENED_MS), ACKNOWLEDGE, RESOLVE, CLOSE);
  it("asks for a finished incident whose alerts had resolved", () => {
    expect(opensRecurrence(over, lockReport({ revision: 3 }), OPENED_MS)).toBe(true);
    expect(opensRecurrence({ ...over, groupState: "open" }, lockReport({ revision: 3 }), OPENED_MS)).toBe(false);
    expect(opensRecurrence(over, lockReport({ revision: 3, groupState: "resolved" }), OPENED_MS)).toBe(false);
    expect(opensRecurrence({ ...over, state: "resolved" }, lockReport({ revision: 3 }), OPENED_MS)).toBe(false);
  });
});
