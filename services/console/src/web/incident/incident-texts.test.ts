import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { reportOf } from "../../incident.test-data.ts";
import { ofLocalField } from "../format/time.ts";
import { type Words, wordsOf } from "../format/words.ts";
import { startTexts } from "../i18n.ts";
import { ACT_FORMS, bodyOf } from "./act-forms.ts";
import { causeOfField, readableFields } from "./event-fields.ts";
import { evidenceText } from "./evidence-text.ts";
import { certaintyOf, guiltyChange, weightWord } from "./verdict.ts";

const NOW = Date.UTC(2026, 10, 26, 6, 15); // 14:15 in Beijing
const report = reportOf(NOW);
const [lock, latency, cpu] = report.causes[0]!.evidence;
let t: Awaited<ReturnType<typeof startTexts>>;
const words = async (language: "zh" | "en"): Promise<Words> => {
  await i18next.changeLanguage(language);
  return wordsOf(i18next, i18next.t);
};
beforeAll(async () => {
  t = await startTexts("zh");
  expect(t("brand")).toBe("云维");
});

describe("evidence", () => {
  it("is a sentence with figures, units and the time it began, in both languages", async () => {
    const own = "database:order-db";
    const zh = await words("zh");
    expect(evidenceText(lock!, own, zh, NOW)).toBe("等锁会话数 45（正常 2，自 14:03:00 起）");
    expect(evidenceText(latency!, own, zh, NOW)).toBe("服务 order：服务平均时延 2.35 s（正常 180 ms，自 14:03:00 起）");
    expect(evidenceText({ ...cpu!, direction: "absent" }, own, zh, NOW)).toBe("主机 db-7：CPU 利用率 自 14:03:40 起停止上报（最后正常值 31 %）");
    const en = await words("en");
    expect(evidenceText(cpu!, own, en, NOW)).toBe("host db-7: CPU utilisation 97 % (normal 31 %, since 14:03:40)");
  });

  it("keeps names of telemetry as they are: no placeholder of ours is filled from them", async () => {
    const zh = await words("zh");
    expect(evidenceText({ ...lock!, metric: "odd.$t(brand).{{what}}" }, lock!.entity, zh, NOW)).toContain("odd.");
  });

  it("weighs and is sure in words", () => {
    expect([0.95, 0.8, 0.6, 0.59].map(certaintyOf)).toEqual(["sure", "likely", "possible", "weak"]);
    expect([4, -1.5, 0.2].map(weightWord)).toEqual(["strong", "medium", "weak"]);
  });

  it("names the guilty change only when the cause does", () => {
    expect(guiltyChange(report.causes[0]!, report.changes)).toContain("order-db");
    expect(guiltyChange(report.causes[1]!, report.changes)).toBeUndefined();
  });
});

describe("fields of the log", () => {
  it("show what people read and the catalogue names", () => {
    const named = (name: string) => name !== "revision";
    expect(
      readableFields({ note: "x".repeat(400), revision: 3, confidence: 0.8712, sites: ["a", "b"], title: { zh: "" }, reason: "vendor", empty: "" }, named),
    ).toEqual([
      { name: "note", value: `${"x".repeat(299)}…`, kind: "text" },
      { name: "confidence", value: "0.871", kind: "ratio" },
      { name: "sites", value: "a, b", kind: "sites" },
      { name: "reason", value: "vendor", kind: "choice" },
    ]);
    expect(causeOfField("edge:a->b|network_delay")).toEqual({ entity: "edge:a->b", mode: "network_delay" });
    expect(causeOfField("external_load")).toBeUndefined();
  });
});

describe("bodies of acts", () => {
  it("hold what was typed, times with Beijing's offset, and nothing empty or unknown", () => {
    const typed = { workaround: "  switched over ", serviceRestoredAt: "2026-11-26T14:10", note: "  ", other: "x" };
    expect(bodyOf(ACT_FORMS["mitigate"]!, typed, ofLocalField)).toEqual({ workaround: "switched over", serviceRestoredAt: "2026-11-26T14:10:00+08:00" });
    expect(bodyOf(ACT_FORMS["acknowledge"]!, typed, ofLocalField)).toEqual({});
  });
});
