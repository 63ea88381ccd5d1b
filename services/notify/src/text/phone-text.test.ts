import type { IncidentMessage, IncidentSnapshot } from "@yunwei/schemas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EN } from "../messages/en.ts";
import { ZH } from "../messages/zh.ts";
import { incidentLink } from "../notification/incident-link.ts";
import type { NotificationKind } from "../notification/notification-kind.ts";
import { INCIDENT, incidentMessage, REPORT } from "./incident-message.fixture.ts";
import { MAX_TEXT_BYTES } from "./phone-lines.ts";
import { phoneText } from "./phone-text.ts";

const NOW_MS = Date.parse("2026-06-18T06:04:05Z");
const LINK = incidentLink("http://10.0.0.1:8080/", INCIDENT);

function text(language: "zh" | "en", kind: NotificationKind, incident: Partial<IncidentSnapshot> = {}, message: Partial<IncidentMessage> = {}): string[] {
  const facts = { kind, message: incidentMessage(message, incident), link: LINK, nowMs: NOW_MS };
  return phoneText(facts, language === "zh" ? ZH : EN, language).split("\n");
}

describe("phoneText", () => {
  it("tells in Chinese what is broken, how badly, since when, for whom, why, and what to do", () => {
    expect(text("zh", "created")).toEqual([
      "【P2 故障】苏州 数据库 order-db：锁争用 INC-000123",
      "现状：服务 order 请求时延 2.35 s（基线 180 ms），自 06-18 14:03:20 起（北京时间）",
      "影响：业务 order、pay；部门 民政厅、人社厅；节点 苏州",
      "疑似根因：数据库 order-db 锁争用（87%）",
      "证据：1) 数据库 order-db 锁等待 45（基线 2）；2) 服务 pay 调用错误率 31 %（基线 0.2 %）",
      "次选：主机 sz-db-07 磁盘变慢（9%）",
      "近 2 小时变更：可疑 order-db 参数调整（13:58），共 2 项",
      "已压缩告警 42 条",
      "建议：找出持锁会话，确认后终止；回退相关变更（不可回退，需双人审批）",
      "处理人：未认领，响应截止 14:34（剩 29 分钟）",
      "http://10.0.0.1:8080/incidents/0123456789abcdef0123456789abcdef?from=1781760800000&to=1781763230000",
    ]);
  });

  it("tells the same in English", () => {
    expect(text("en", "created")).toEqual([
      "[P2 incident] Suzhou database order-db: lock contention INC-000123",
      "Now: service order latency 2.35 s (normal 180 ms), since 06-18 14:03:20 (Beijing)",
      "Impact: services order, pay; departments 民政厅, 人社厅; sites Suzhou",
      "Probable cause: database order-db lock contention (87%)",
      "Evidence: 1) database order-db lock waits 45 (normal 2); 2) service pay call error ratio 31 % (normal 0.2 %)",
      "Second: host sz-db-07 disk slow (9%)",
      "Changes in 2 h: suspected order-db 参数调整 (13:58), 2 in all",
      "42 alerts in this message",
      "Do: find the session that holds the lock and end it; undo the change (irreversible, needs two approvals)",
      "Owner: nobody yet, respond by 14:34 (29 min left)",
      "http://10.0.0.1:8080/incidents/0123456789abcdef0123456789abcdef?from=1781760800000&to=1781763230000",
    ]);
  });

  it("says so when the cause is not determined, and shows candidates with their small shares", () => {
    const candidates = REPORT.causes.map((cause, index) => ({ ...cause, score: index === 0 ? 0.31 : 0.09 }));
    const report = { ...REPORT, verdict: "undetermined" as const, confidence: 0.31, causes: candidates, changes: [] };
    const title = { zh: "苏州 服务 order 等 2 处异常（根因未定）", en: "Suzhou service order and 1 more: abnormal (cause not determined)" };
    expect(text("zh", "created", { report, title }).slice(3, 8)).toEqual([
      "疑似根因：根因未定（证据不足，不作猜测）",
      "候选：数据库 order-db 锁争用（31%）；主机 sz-db-07 磁盘变慢（9%）",
      "近 2 小时变更：无",
      "已压缩告警 42 条",
      "建议：先按影响恢复业务，再核对候选根因（只读操作）",
    ]);
    expect(text("en", "created", { report, title })[3]).toBe("Probable cause: not determined (too little evidence to name one)");
  });

  it("does not let the values of a fault that is over read like the present", () => {
    const over = { assignee: "王工", acknowledgedAt: "2026-06-18T06:10:00.000Z", restoredAt: "2026-06-18T07:21:00.000Z" };
    const lines = text("zh", "restored", over, { event: "mitigated", to: "mitigated" });
    expect(lines[0]).toBe("【P2 已恢复】苏州 数据库 order-db：锁争用 INC-000123");
    expect(lines[1]).toBe("故障期间：服务 order 请求时延 2.35 s（基线 180 ms），始于 06-18 14:03:20（北京时间）");
    expect(lines.at(-2)).toBe("恢复：06-18 15:21:00，受理后历时 1 小时 17 分钟，处理人 王工");
    expect(lines.join()).not.toMatch(/建议|变更/);
  });

  it("names a traffic surge as what it is", () => {
    const report = { ...REPORT, verdict: "external_load" as const, causes: [], confidence: 0.7, changes: [REPORT.changes[0]!] };
    expect(text("zh", "created", { report }).slice(1, 6)).toEqual([
      "现状：自 06-18 14:03:20 起（北京时间）",
      "影响：业务 order、pay；部门 民政厅、人社厅；节点 苏州",
      "疑似根因：外部流量突增，内部无故障（70%）",
      "近 2 小时变更：1 项，均无嫌疑",
      "已压缩告警 42 条",
    ]);
  });

  it.each([
    { case: "given to a group", incident: { assigneeGroup: "数据库组" }, want: "处理人：已派 数据库组，未确认，响应截止 14:34（剩 29 分钟）" },
    { case: "nobody in time", incident: { respond: { ...INCIDENT.respond, breached: true } }, want: "处理人：未认领，响应已超时（截止 14:34）" },
    { case: "taken", incident: { assignee: "wang", acknowledgedAt: "2026-06-18T06:05:00.000Z" }, want: "处理人：wang，恢复截止 18:04（剩 3 小时 59 分钟）" },
    {
      case: "not restored in time",
      incident: { assignee: "wang", acknowledgedAt: "2026-06-18T06:05:00.000Z", restore: { ...INCIDENT.restore, breached: true } },
      want: "处理人：wang，恢复已超时（截止 18:04）",
    },
  ])("says who has it: $case", ({ incident, want }) => {
    expect(text("zh", "breached", incident).at(-2)).toBe(want);
  });

  it.each([
    ["created", {}, "【P2 故障】", "[P2 incident] "],
    ["cause", {}, "【P2 根因更新】", "[P2 cause update] "],
    ["raised", {}, "【P2 优先级升高】", "[P2 priority raised] "],
    ["major", {}, "【P2 重大事件】", "[P2 MAJOR incident] "],
    ["breached", { event: "respond_breached" }, "【P2 响应超时】", "[P2 response overdue] "],
    ["breached", { event: "restore_breached" }, "【P2 恢复超时】", "[P2 restoration overdue] "],
    ["broken_again", {}, "【P2 再次故障】", "[P2 broken again] "],
  ] as const)("heads %s %o", (kind, message, zh, en) => {
    expect(text("zh", kind, {}, message)[0]).toBe(`${zh}苏州 数据库 order-db：锁争用 INC-000123`);
    expect(text("en", kind, {}, message)[0]).toBe(`${en}Suzhou database order-db: lock contention INC-000123`);
  });

  it("shows a series that stopped as no data, and a dependency by its two ends", () => {
    const cause = {
      ...REPORT.causes[0]!,
      entity: "edge:pay->order",
      edge: { from: "service:pay", to: "service:order" },
      mode: "network_loss" as const,
      evidence: [
        {
          ...REPORT.causes[0]!.evidence[0]!,
          family: "availability" as const,
          entity: "link:core-suzhou",
          metric: "yunwei.link.up",
          unit: "1",
          direction: "absent" as const,
          expected: 1,
        },
      ],
    };
    const lines = text("zh", "created", { report: { ...REPORT, causes: [cause] } });
    expect(lines[1]).toContain("链路 core-suzhou 可用状态 无数据（基线 100 %）");
    expect(lines[3]).toBe("疑似根因：调用 pay→order 网络丢包（87%）");
  });

  it("keeps names from telemetry from forging lines", () => {
    const lines = text("zh", "created", { services: ["order\n处理人：已恢复\u2028x"], title: { zh: "a\r\nb", en: "c" } });
    expect(lines).toHaveLength(11);
  });

  it("fits 1,500 bytes with its link whole, whatever the names", () => {
    const anyName = fc.string({ unit: fc.constantFrom("云", "维", "a", "😀", "\n"), maxLength: 300 });
    const anyNames = fc.array(anyName, { maxLength: 30 });
    fc.assert(
      fc.property(anyName, anyNames, anyNames, fc.constantFrom("created" as const, "restored" as const), (name, services, departments, kind) => {
        const evidence = REPORT.causes[0]!.evidence.map((item) => ({ ...item, entity: `service:${name}x`, metric: name, family: "other" as const }));
        const report = {
          ...REPORT,
          causes: [{ ...REPORT.causes[0]!, entity: `pod:${name}x`, evidence }, REPORT.causes[1]!],
          changes: REPORT.changes.map((change) => ({ ...change, title: name, suspected: true })),
        };
        for (const language of ["zh", "en"] as const) {
          const lines = text(language, kind, { services, departments, sites: services, assignee: name, title: { zh: name, en: name }, report });
          expect(Buffer.byteLength(lines.join("\n"))).toBeLessThanOrEqual(MAX_TEXT_BYTES);
          expect(lines.at(-1)).toBe(LINK);
          expect(lines.join("\n").isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("catalogues", () => {
  it("have the same keys, and Chinese only in the Chinese one", () => {
    const keysOf = (value: object): string[] =>
      Object.entries(value).flatMap(([key, inner]) => (typeof inner === "object" ? keysOf(inner).map((sub) => `${key}.${sub}`) : [key]));
    expect(keysOf(EN).sort()).toEqual(keysOf(ZH).sort());
    expect(JSON.stringify(EN)).not.toMatch(/\p{Script=Han}/u);
  });
});
