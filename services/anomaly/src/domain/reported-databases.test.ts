import type { ResourceInfo } from "@yunwei/otlp";
import { describe, expect, it } from "vitest";
import { ReportedDatabases } from "./reported-databases.ts";

const of = (...entities: string[]) => entities.map((entity) => ({ entity })) as ResourceInfo[];

describe("ReportedDatabases", () => {
  it("knows the databases of a catalogue as it grows, and nothing else of it", () => {
    const databases = new ReportedDatabases();
    const catalogue = of("database:pg-1", "service:pg-2");
    databases.take(catalogue);
    catalogue.push(...of("database:pg-3"));
    expect(databases.has("pg-3")).toBe(false);
    databases.take(catalogue);
    expect(["pg-1", "pg-2", "pg-3"].map((name) => databases.has(name))).toEqual([true, false, true]);
  });

  it("forgets what neither the catalogue in use nor the one before names", () => {
    const databases = new ReportedDatabases();
    databases.take(of("database:pg-1", "database:pg-2"));
    databases.take(of("database:pg-1"));
    expect([databases.has("pg-1"), databases.has("pg-2")]).toEqual([true, true]);
    databases.take(of("database:pg-1"));
    expect([databases.has("pg-1"), databases.has("pg-2")]).toEqual([true, false]);
  });
});
