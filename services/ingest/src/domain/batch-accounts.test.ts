import type { OtlpHeaders } from "@yunwei/schemas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BatchAccounts } from "./batch-accounts.ts";

const place = { topic: "otlp_logs", partition: 1, first: 10, last: 19, clockMs: 1_700_000_000_999 };
const headers = (source: string, items?: string): OtlpHeaders => ({ "yunwei.source": source, ...(items === undefined ? {} : { "yunwei.items": items }) });
const outcome = (stored: number, rejected = 0) => ({ stored, rejected, problem: rejected > 0 ? "too old" : undefined });

describe("the books of a batch", () => {
  it("has a row a source, with the clock of the batch", () => {
    const accounts = new BatchAccounts();
    accounts.message(1, 10, headers("suzhou", "5"), outcome(5, 2));
    accounts.message(1, 11, headers("local", "3"), outcome(3));
    accounts.message(1, 12, headers("suzhou", "7"), outcome(7));
    accounts.dead(headers("local", "4"));
    accounts.message(1, 14, undefined, outcome(6));
    const { rows, differences } = accounts.close(place);
    expect(differences).toEqual([]);
    expect(rows).toMatchObject([
      { source: "collector", messages: 1, unannounced: 1, accepted: 6, stored: 6 },
      { source: "local", messages: 2, unannounced: 0, accepted: 7, stored: 3, dead_messages: 1, dead_items: 4 },
      { source: "suzhou", messages: 2, accepted: 12, stored: 12, rejected: 2, reason: "too old", missing: 0, surplus: 0 },
    ]);
    expect(rows[0]).toMatchObject({ at: 1_700_000_000, topic: "otlp_logs", part: 1, first_off: "10", last_off: "19" });
    expect(accounts.close(place).rows).toEqual([]);
  });

  it("names every message of which other items are stored than were accepted, and does not let them cancel out", () => {
    const accounts = new BatchAccounts();
    accounts.message(1, 10, headers("a", "5"), outcome(4));
    accounts.message(1, 11, headers("a", "5"), outcome(6));
    const { rows, differences } = accounts.close(place);
    expect(rows).toMatchObject([{ accepted: 10, stored: 10, missing: 1, surplus: 1 }]);
    expect(differences).toEqual([
      { partition: 1, offset: 10, source: "a", accepted: 5, stored: 4 },
      { partition: 1, offset: 11, source: "a", accepted: 5, stored: 6 },
    ]);
  });

  it("believes no header that is not a count", () => {
    const accounts = new BatchAccounts();
    for (const text of ["", "-1", "1e9", "5 ", "9999999999", "NaN"]) accounts.message(1, 10, headers("a", text), outcome(2));
    expect(accounts.close(place).rows).toMatchObject([{ messages: 6, unannounced: 6, accepted: 12, stored: 12, missing: 0, surplus: 0 }]);
  });

  it("balances whatever comes", () => {
    const count = fc.nat({ max: 1_000 });
    const header = fc.option(fc.oneof(count.map(String), fc.string()), { nil: undefined });
    const message = fc.record({ source: fc.constantFrom("a", "b", "c"), header, stored: count, rejected: count, dead: fc.boolean() });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 50 }), (messages) => {
        const accounts = new BatchAccounts();
        for (const [offset, { source, header: items, stored, rejected, dead }] of messages.entries()) {
          if (dead) accounts.dead(headers(source, items));
          else accounts.message(1, offset, headers(source, items), outcome(stored, rejected));
        }
        const { rows } = accounts.close(place);
        for (const row of rows) expect(row.accepted).toBe(row.stored + row.dead_items + row.missing - row.surplus);
        expect(rows.reduce((sum, row) => sum + row.messages, 0)).toBe(messages.length);
        expect(rows.reduce((sum, row) => sum + row.stored, 0)).toBe(messages.filter(({ dead }) => !dead).reduce((sum, { stored }) => sum + stored, 0));
      }),
    );
  });
});
