import type { Anomaly } from "@yunwei/schemas";
import { expect, it } from "vitest";
import { EvidenceBook, KEEP_MS } from "./evidence-book.ts";

const anomaly = (over: Partial<Anomaly>): Anomaly => ({
  messageId: "m",
  anomalyId: "a",
  state: "open",
  detector: "deviation",
  seriesId: "0000000000000001",
  metric: "system.cpu.utilization",
  unit: "1",
  family: "cpu",
  entity: "vm:v",
  entityType: "vm",
  service: "",
  site: "s",
  tier: "core",
  department: "d",
  labels: {},
  timeUnixNano: "60000000000",
  onsetUnixNano: "50000000000",
  value: 0.9,
  expected: 0.3,
  lower: 0.2,
  upper: 0.4,
  score: 20,
  peakScore: 20,
  direction: "up",
  harmful: true,
  mature: true,
  source: "t",
  ...over,
});

it("keeps the worst value of a deviation, through updates and its closing", () => {
  const book = new EvidenceBook();
  book.take(anomaly({}));
  book.take(anomaly({ state: "update", timeUnixNano: "75000000000", value: 0.99, score: 50, peakScore: 50 }));
  book.take(anomaly({ state: "close", timeUnixNano: "90000000000", value: 0.31, score: 0.1, peakScore: 50 }));
  expect(book.between(0, 1e12)).toMatchObject([{ value: 0.99, score: 50, closed: true, lastMs: 90_000, onsetMs: 50_000 }]);
});

it("ignores what comes again late, and forgets what closed long ago", () => {
  const book = new EvidenceBook();
  book.take(anomaly({ state: "update", timeUnixNano: "75000000000", value: 0.5 }));
  book.take(anomaly({ timeUnixNano: "60000000000", value: 0.1 }));
  expect(book.between(0, 1e12)).toMatchObject([{ lastMs: 75_000 }]);
  book.take(anomaly({ anomalyId: "b", timeUnixNano: `${75_000 + KEEP_MS + 1}000000` }));
  book.prune();
  expect(book.between(0, 1e15).map((item) => item.anomalyId)).toEqual(["b"]);
});

it("gives only what was there in the window", () => {
  const book = new EvidenceBook();
  book.take(anomaly({ state: "close", timeUnixNano: "60000000000" }));
  expect([book.between(61_000, 100_000).length, book.between(55_000, 100_000).length, book.between(0, 49_000).length]).toEqual([0, 1, 0]);
});
