import { describe, expect, it } from "vitest";
import { incidentMessage } from "../text/incident-message.fixture.ts";
import { DEFAULT_CHANNELS, parseChannelsConfig } from "./channels-config.ts";
import { channelsFor } from "./route.ts";

const GOOD = `channels:
  - name: console
    type: file
    language: zh
  - name: duty
    type: webhook
    url: https://example.test/hook
    secret: 0123456789abcdef
    timeoutMs: 3000
routes:
  - channels: [console]
  - channels: [duty, console]
    when:
      priority: [P1, P2]
      site: [suzhou, wuxi]
`;
const problemsOf = (text: string): unknown => {
  try {
    parseChannelsConfig(text);
  } catch (error) {
    return (error as { details: unknown }).details;
  }
  return "accepted";
};

describe("parseChannelsConfig", () => {
  it("reads a good file", () => {
    expect(parseChannelsConfig(GOOD)).toMatchObject({
      channels: [{ name: "console" }, { name: "duty", timeoutMs: 3000 }],
      routes: [{}, { when: { site: ["suzhou", "wuxi"] } }],
    });
  });

  it("names every problem at once, with its line", () => {
    const bad = `channels:
  - name: Console
    type: file
    colour: red
  - name: duty
    type: webhook
    url: ftp://x
    secret: short
  - name: sms
    type: pigeon
routes:
  - when:
      priority: [P9]
`;
    const problems = problemsOf(bad) as string[];
    expect(problems.map((problem) => problem.split(": ").slice(0, 2).join(": "))).toEqual([
      "line 2: channels[0].name",
      "line 4: channels[0].colour",
      "line 7: channels[1].url",
      "line 8: channels[1].secret",
      "line 10: channels[2].type",
      "line 12: routes[0]",
      "line 13: routes[0].when.priority[0]",
    ]);
  });

  it("names every fault of the YAML itself, with its line", () => {
    const problems = problemsOf("channels:\n  - name: a\n    name: b\n  - [1, 2\nroutes: {a: b\n") as string[];
    expect(problems.length).toBeGreaterThanOrEqual(2);
    for (const problem of problems) expect(problem).toMatch(/^line \d+: /);
  });

  it("finds routes to channels that are not there, and names that are there twice", () => {
    expect(problemsOf(GOOD.replace("[duty, console]", "[dutty, console]"))).toEqual(["line 12: there is no channel dutty"]);
    expect(problemsOf(GOOD.replace("name: duty", "name: console"))).toEqual(["line 5: channel console is there twice", "line 12: there is no channel duty"]);
  });

  it.each([
    ["nothing", ""],
    ["a list", "- a\n- b\n"],
    ["only a word", "hello"],
    ["too large a file", `# ${"x".repeat(300_000)}`],
  ])("refuses %s", (_, text) => {
    expect(problemsOf(text)).toEqual(expect.arrayContaining([expect.stringMatching(/^line 1: /)]));
  });

  it("does not show a secret in a problem", () => {
    expect(JSON.stringify(problemsOf(GOOD.replace("0123456789abcdef", "hunter2")))).not.toContain("hunter2");
  });
});

describe("channelsFor", () => {
  const config = parseChannelsConfig(GOOD);
  const { incident } = incidentMessage();
  it("takes every route that fits, each channel once", () => {
    expect(channelsFor(config, incident, "created")).toEqual(["console", "duty"]);
    expect(channelsFor(config, { ...incident, priority: "P3" }, "created")).toEqual(["console"]);
    expect(channelsFor(config, { ...incident, sites: ["nanjing"] }, "created")).toEqual(["console"]);
    expect(channelsFor({ ...config, routes: [{ channels: ["duty"], when: { kind: ["major"] } }] }, incident, "created")).toEqual([]);
    expect(channelsFor(DEFAULT_CHANNELS, incident, "restored")).toEqual(["console"]);
  });
});
