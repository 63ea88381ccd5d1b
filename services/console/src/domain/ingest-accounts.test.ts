import type { AccountSums } from "@yunwei/store";
import { describe, expect, it } from "vitest";
import { accountsOf } from "./ingest-accounts.ts";

const sums = (source: string, changes: Partial<AccountSums> = {}): AccountSums => ({
  topic: "otlp_metrics",
  source,
  messages: 1,
  unannounced: 0,
  accepted: 10,
  stored: 10,
  rejected: 2,
  deadMessages: 0,
  deadItems: 0,
  missing: 0,
  surplus: 0,
  ...changes,
});

describe("the books of ingest", () => {
  it("are in order when every item is somewhere", () => {
    const books = accountsOf([sums("a"), sums("b", { topic: "otlp_spans", accepted: 30, stored: 20, deadItems: 10 })], [], { otlp_metrics: 3, otlp_logs: -1 });
    expect(books.verdict).toBe("accounted");
    expect(books.accounts.map(({ signal, source, received }) => [signal, source, received])).toEqual([
      ["traces", "b", 32],
      ["metrics", "a", 12],
    ]);
    expect(books.inFlight).toEqual({ metrics: 3, logs: 0 });
    for (const { received, stored, rejected, dead, missing, surplus } of books.accounts) expect(received).toBe(stored + rejected + dead + missing - surplus);
  });

  it("are not when something is lost, doubled, or a batch does not meet the next; that comes first", () => {
    expect(accountsOf([sums("big", { accepted: 1e6, stored: 1e6 }), sums("lost", { stored: 9, missing: 1 })], [], {})).toMatchObject({
      verdict: "missing",
      accounts: [{ source: "lost" }, { source: "big" }],
    });
    expect(accountsOf([sums("twice", { stored: 11, surplus: 1 })], [], {}).verdict).toBe("missing");
    expect(accountsOf([sums("a")], [{ topic: "otlp_logs", part: 1, kind: "gap", lastOffset: 4, firstOffset: 7 }], {})).toMatchObject({
      verdict: "missing",
      faults: [{ signal: "logs", partition: 1 }],
    });
    expect(accountsOf([], [], {}).verdict).toBe("nothing");
  });
});
