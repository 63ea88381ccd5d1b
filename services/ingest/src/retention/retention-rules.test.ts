import { LogDecoder, otlpJsonToProtobuf, Wire } from "@yunwei/otlp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLike } from "./glob.ts";
import { BUILTIN_RULE_SET, parseRetentionFile, type RetentionRuleSet } from "./retention-file.ts";
import { RetentionRules } from "./retention-rules.ts";

const identity = { source: "t", site: "", tier: "", department: "", receivedMs: Number.NaN };

interface Sent {
  readonly resource?: Record<string, string>;
  readonly record?: Record<string, string | number>;
  readonly severity?: number;
}
const attributes = (own: Record<string, string | number> = {}) =>
  Object.entries(own).map(([key, value]) => ({ key, value: typeof value === "number" ? { intValue: String(value) } : { stringValue: value } }));

function classesOf(set: RetentionRuleSet, sent: readonly Sent[]): string[] {
  const decoder = new LogDecoder();
  const resourceLogs = sent.map(({ resource, record, severity = 9 }) => ({
    resource: { attributes: attributes(resource) },
    scopeLogs: [{ logRecords: [{ timeUnixNano: "1000000000", severityNumber: severity, attributes: attributes(record), body: { stringValue: "x" } }] }],
  }));
  decoder.decode(otlpJsonToProtobuf("logs", Buffer.from(JSON.stringify({ resourceLogs }))), identity);
  const wire = new Wire();
  wire.open(decoder.body);
  const rules = new RetentionRules(set);
  return sent.map((_, row) => rules.classOf(decoder, row, wire));
}

describe("the retention class of a log record", () => {
  it.each<[string, Sent, string]>([
    ["of an ordinary service", { resource: { "service.name": "fund-api" } }, "std"],
    ["of a network device", { resource: { "yunwei.entity.type": "device", "yunwei.entity.id": "fw-1" } }, "mlps"],
    ["of an audit service", { resource: { "service.name": "portal-audit-log" } }, "mlps"],
    ["of a login service", { resource: { "service.name": "citizen-auth" } }, "mlps"],
    ["of syslog's authpriv", { resource: { "host.name": "h" }, record: { "network.peer.address": "10.1.1.1", "syslog.facility.code": 10 } }, "mlps"],
    ["of syslog's cron", { resource: { "host.name": "h" }, record: { "syslog.facility.code": 9 } }, "std"],
    ["that a Collector has read from syslog", { record: { facility: "auth" } }, "mlps"],
  ])("%s is built in", (_, sent, want) => expect(classesOf(BUILTIN_RULE_SET, [sent])).toEqual([want]));

  it("is that of the first rule all of whose conditions hold; the file's come before what is built in", () => {
    const set = parseRetentionFile(`
default: short
rules:
  - { class: std, service: noisy-auth }
  - { class: mlps, department: [police, courts], severityAtLeast: warn }
  - { class: std, site: "core-*", service: ["pay*", "*-bank"] }
  - { class: mlps, record: { event.kind: ["login*", logout], outcome: failure } }
  - { class: std, resource: { deployment.environment.name: production } }`);
    const police = { "yunwei.department": "police" };
    const cases: [Sent, string][] = [
      [{ resource: { "service.name": "noisy-auth" } }, "std"],
      [{ resource: { "service.name": "auth" } }, "mlps"],
      [{ resource: police, severity: 12 }, "short"],
      [{ resource: police, severity: 13 }, "mlps"],
      [{ resource: { "service.name": "payments", "yunwei.site": "core-prod" } }, "std"],
      [{ resource: { "service.name": "payments", "yunwei.site": "suzhou" } }, "short"],
      [{ record: { "event.kind": "login-sms", outcome: "failure" } }, "mlps"],
      [{ record: { "event.kind": "login-sms", outcome: "ok" } }, "short"],
      [{ record: { outcome: "failure" } }, "short"],
      [{ resource: { "deployment.environment.name": "production" }, record: { "event.kind": "logout", outcome: "failure" } }, "mlps"],
      [{ resource: { "deployment.environment.name": "production" } }, "std"],
      [{}, "short"],
    ];
    expect(
      classesOf(
        set,
        cases.map(([sent]) => sent),
      ),
    ).toEqual(cases.map(([, want]) => want));
  });

  it("is told of records of many resources in one request as of each alone", () => {
    const set = parseRetentionFile('rules: [{ class: short, service: "s1" }, { class: mlps, record: { a: "1" } }]');
    const sent = fc.record({
      resource: fc.record({ "service.name": fc.constantFrom("s1", "s2", "audit") }),
      record: fc.dictionary(fc.constantFrom("a", "b"), fc.constantFrom("1", "2", 1)),
    });
    fc.assert(
      fc.property(fc.array(sent, { minLength: 1, maxLength: 8 }), (all) => {
        expect(classesOf(set, all)).toEqual(all.flatMap((one) => classesOf(set, [one])));
      }),
      { numRuns: 60 },
    );
  });
});

describe("retention.yaml", () => {
  it.each([
    ["rules: [{ class: forever }]", /line 1: .*class/],
    ["rules:\n  - class: std\n    serivce: x", /line 3: .*serivce: unknown key/],
    ["rules: [{ service: x }]", /class/],
    ["default: long", /default/],
    ["rules: [{ class: std, severityAtLeast: loud }]", /severityAtLeast/],
    ["rules: [{ class: std, record: { a: [] } }]", /record/],
    ["- a", /the file/],
  ])("%s is refused with its line", (text, want) => {
    expect(() => parseRetentionFile(text)).toThrow(expect.objectContaining({ code: "YUNWEI_CONFIG_INVALID", message: expect.stringMatching(want) }));
  });

  it("may be empty, and may leave out what is built in", () => {
    expect(parseRetentionFile("")).toEqual(BUILTIN_RULE_SET);
    expect(parseRetentionFile("builtin: false")).toEqual({ rules: [], default: "std" });
  });

  it("is either read or refused, whatever stands in it", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        try {
          parseRetentionFile(text);
        } catch (error) {
          expect(error).toMatchObject({ code: "YUNWEI_CONFIG_INVALID" });
        }
      }),
    );
  });
});

it("a pattern is what a regular expression with .* for each star is, and hangs on nothing", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "*", "."), maxLength: 8 });
  fc.assert(
    fc.property(letters, letters, (pattern, text) => {
      const expression = new RegExp(
        `^${pattern
          .split("*")
          .map((piece) => piece.replaceAll(".", "\\."))
          .join(".*")}$`,
      );
      expect(isLike(pattern, text)).toBe(expression.test(text));
    }),
    { numRuns: 2000 },
  );
  expect(isLike(`${"*a".repeat(60)}b`, "a".repeat(5000))).toBe(false);
});
