import { describe, expect, it } from "vitest";
import { parsePolicyFile } from "./policy-file.ts";

describe("alert-policies.yaml", () => {
  it("is read whole", () => {
    const text =
      "policies:\n  - { id: slow, kind: dynamic, severity: major, families: [latency], for: 30s }\n  - { id: hot, kind: static, severity: minor, metric: temp, op: '>', threshold: 80 }\n";
    expect(parsePolicyFile(text).map((policy) => policy.id)).toEqual(["slow", "hot"]);
  });

  it("tells every mistake at once, with its line", () => {
    const text =
      "policies:\n  - { id: Bad Id, kind: dynamic, severity: terrible }\n  - { id: b, kind: other }\n  - id: c\n    kind: static\n    severity: minor\n    metric: m\n    op: '!='\n    colour: red\n";
    let details: string[] = [];
    try {
      parsePolicyFile(text);
    } catch (error) {
      details = (error as { details: string[] }).details;
    }
    expect(details.map((problem) => problem.split(": ").slice(0, 2).join(": "))).toEqual([
      "line 2: policies[0].id",
      "line 2: policies[0].severity",
      "line 3: policies[1].kind",
      "line 4: policies[2]",
      "line 8: policies[2].op",
      "line 9: policies[2].colour",
    ]);
  });

  it("refuses two policies of one id", () => {
    expect(() => parsePolicyFile("policies:\n  - { id: a, kind: dynamic, severity: major }\n  - { id: a, kind: dynamic, severity: major }\n")).toThrow(
      /line 3: policy a is there twice/,
    );
  });
});
