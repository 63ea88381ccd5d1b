import { describe, expect, it } from "vitest";
import { CHANGE_TOPIC, TOPICS } from "./index.ts";

describe("the topics", () => {
  it("have one producer and a name each", () => {
    expect(new Set(TOPICS.map((topic) => topic.name)).size).toBe(TOPICS.length);
    for (const topic of TOPICS) expect(topic.producer).toMatch(/^[a-z-]+$/);
  });

  it("let data go forward only, but for the change feed", () => {
    const next = new Map<string, Set<string>>();
    for (const { name, producer, consumers } of TOPICS) {
      if (name === CHANGE_TOPIC) continue;
      const from = producer;
      next.set(from, new Set([...(next.get(from) ?? []), ...consumers]));
    }
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean => {
      if (seen.has(from)) return false;
      seen.add(from);
      return [...(next.get(from) ?? [])].some((service) => service === to || reaches(service, to, seen));
    };
    expect([...next.keys()].filter((service) => reaches(service, service))).toEqual([]);
    expect(reaches("ingest-gateway", "notify")).toBe(true);
  });
});
