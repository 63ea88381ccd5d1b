import { CAUSE_MODES, parseEntityKey } from "@yunwei/schemas";
import { expect, it } from "vitest";
import { buildEstate } from "../build-estate.ts";
import { decodePoints } from "../decoded-telemetry.ts";
import { EstateSimulator } from "../estate-simulator.ts";
import { FAULT_KINDS } from "./fault.ts";
import { isFaultKind } from "./plan-fault.ts";

const simulators = Array.from({ length: 10 }, (_, seed) => new EstateSimulator(buildEstate({ seed })));

it.each(FAULT_KINDS)("%s names a cause of the contract, or none, for any seed", (kind) => {
  const entities = new Set<string>();
  for (const simulator of simulators) {
    const { entity, alternatives, mode, onsetMs } = simulator.inject(kind);
    const isNobody = kind === "none" || kind === "surge";
    expect(entity === undefined).toBe(isNobody);
    if (!isNobody) expect(CAUSE_MODES).toContain(mode);
    for (const name of [...(entity === undefined ? [] : [entity]), ...alternatives]) expect(parseEntityKey(name)).toBeDefined();
    expect(alternatives).not.toContain(entity);
    expect(onsetMs).toBe(Date.UTC(2026, 10, 24, 2));
    entities.add(String(entity));
  }
  expect(entities.size).toBeGreaterThan(kind === "none" || kind === "surge" ? 0 : 2);
});

it("knows its kinds", () => {
  expect(FAULT_KINDS.every(isFaultKind)).toBe(true);
  expect(isFaultKind("toString")).toBe(false);
});

it("refuses a victim that cannot have the fault, and a fault without length", () => {
  const simulator = new EstateSimulator(buildEstate({ seed: 1 }));
  expect(() => simulator.inject("db-lock", { target: "service:gov-gateway" })).toThrow(expect.objectContaining({ code: "YUNWEI_NOT_FOUND" }));
  expect(() => simulator.inject("surge", { target: "service:nowhere" })).toThrow(expect.objectContaining({ code: "YUNWEI_NOT_FOUND" }));
  expect(() => simulator.inject("cpu", { durationMs: 0 })).toThrow(expect.objectContaining({ code: "YUNWEI_BODY_INVALID" }));
});

it("ends when its time is over", () => {
  const simulator = new EstateSimulator(buildEstate({ seed: 1 }));
  simulator.inject("link-down", { target: "link:core-prod--suzhou", durationMs: 30_000 });
  const up = () => decodePoints(simulator.step()).find((point) => point.entity === "link:core-prod--suzhou" && point.metric === "yunwei.link.up")?.value;
  expect([up(), up(), up()]).toEqual([0, 0, 1]);
});
