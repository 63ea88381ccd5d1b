import type { AlertGroupMessage, Anomaly } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";
import { Topology, type TopologyCache } from "@yunwei/topology";
import { beforeEach, describe, expect, it } from "vitest";
import type { Alert } from "../domain/alert.ts";
import type { AlertPolicy } from "../domain/alert-policy.ts";
import { deviation } from "../domain/alerting.test-data.ts";
import type { AlertGroup } from "../domain/group-book.ts";
import type { AlertStore, AlertTelemetry } from "../ports.ts";
import { AlertingDesk } from "./alerting-desk.ts";

/** Keeps in memory what the PostgreSQL adapter keeps in tables. */
class MemoryAlertStore implements AlertStore {
  readonly alerts = new Map<string, Alert>();
  readonly groups = new Map<string, AlertGroup>();
  readonly messages: AlertGroupMessage[] = [];
  failing = false;

  async save(alerts: readonly Alert[], groups: readonly AlertGroup[], messages: readonly AlertGroupMessage[]): Promise<void> {
    if (this.failing) throw new Error("the database is away");
    for (const alert of alerts) this.alerts.set(alert.summary.alertId, structuredClone(alert));
    for (const [index, group] of groups.entries())
      this.groups.set(group.groupId, { ...group, revision: messages[index]!.revision, members: new Map(structuredClone([...group.members])) });
    this.messages.push(...messages);
  }

  async load() {
    const groups = [...this.groups.values()].filter((group) => group.resolvedMs === undefined);
    return { alerts: [...this.alerts.values()].filter((alert) => alert.summary.condition !== "resolved"), groups };
  }

  async group(groupId: string): Promise<AlertGroupMessage | undefined> {
    return this.messages.findLast((message) => message.groupId === groupId);
  }

  async close(): Promise<void> {}
}

const POLICIES: readonly AlertPolicy[] = [{ id: "any", kind: "dynamic", severity: "major", keepFiring: "10s" }];
const quiet = { warn: () => undefined } as unknown as Logger;
const telemetry: AlertTelemetry = { readings: async () => [], record: async () => undefined };
const topology = new Topology();
topology.addCalls("service:a", "service:b", "s", "s", 1, 0);
const cache = { get: async () => topology } as unknown as TopologyCache;

let nowMs: number;
let store: MemoryAlertStore;
const open = async (): Promise<AlertingDesk> => {
  const desk = new AlertingDesk({ alerts: store, telemetry, topology: cache, policies: () => POLICIES, logger: quiet, nowMs: () => nowMs });
  await desk.restore();
  return desk;
};
const slow = (service: string, atS: number, over: Partial<Anomaly> = {}): Anomaly =>
  deviation(`service:${service}`, "yunwei.service.duration", atS, { seriesId: `000000000000000${service}`, ...over });

beforeEach(() => {
  nowMs = 1_000_000;
  store = new MemoryAlertStore();
});

describe("AlertingDesk", () => {
  it("waits a moment with a new group, then tells of all that came in one message", async () => {
    const desk = await open();
    await desk.takeAnomalies([slow("a", 100)]);
    await desk.takeAnomalies([slow("b", 101)]);
    expect(store.messages).toEqual([]);
    nowMs += 2_000;
    await desk.tick();
    expect(store.messages.map(({ revision, alertCount, state }) => [revision, alertCount, state])).toEqual([[1, 2, "open"]]);
  });

  it("says nothing twice when the same findings come again, and resolves the group when all is well", async () => {
    const desk = await open();
    const story = [slow("a", 100), slow("b", 101)];
    await desk.takeAnomalies(story);
    nowMs += 2_000;
    await desk.tick();
    await desk.takeAnomalies(story);
    expect(store.messages.length).toBe(1);
    await desk.takeAnomalies([slow("a", 200, { state: "close" }), slow("b", 200, { state: "close" })]);
    nowMs += 60_000;
    await desk.tick();
    expect(store.messages.at(-1)).toMatchObject({ state: "resolved", alertCount: 2 });
  });

  it("keeps what it could not save and tells of it when the database is back", async () => {
    const desk = await open();
    store.failing = true;
    await expect(desk.takeAnomalies([slow("a", 100)])).rejects.toThrow("away");
    store.failing = false;
    nowMs += 2_000;
    await desk.tick();
    expect(store.messages.map((message) => message.alertCount)).toEqual([1]);
  });

  it("finds the place of an alert again whose group nobody had been told of when we were killed", async () => {
    await (await open()).takeAnomalies([slow("a", 100)]);
    expect([store.alerts.size, store.groups.size]).toEqual([1, 0]);
    const desk = await open();
    nowMs += 2_000;
    await desk.tick();
    nowMs += 2_000;
    await desk.tick();
    expect(store.messages.map(({ alertCount, state }) => [alertCount, state])).toEqual([[1, "open"]]);
  });
});
