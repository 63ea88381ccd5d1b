import { describe, expect, it } from "vitest";
import { judgeTable, SentRequests } from "./sent-requests.ts";

function sent(): SentRequests {
  const requests = new SentRequests();
  Object.assign(requests.add("logs", 2), { reached: 1, acknowledged: true }); // 1, 2
  Object.assign(requests.add("logs", 2), { reached: 3, acknowledged: true }); // 3, 4
  Object.assign(requests.add("logs", 2), { reached: 1 }); // 5, 6
  return requests;
}
const copies = (...pairs: [number, number][]): Map<number, number> => new Map(pairs);

describe("the verdict on a table", () => {
  it("takes what was acknowledged once as right, and what was sent again as the sender's", () => {
    expect(judgeTable(sent().of("logs"), false, copies([1, 1], [2, 1], [3, 3], [4, 1], [5, 1]))).toEqual({
      stored: 7,
      lost: 0,
      doubled: 0,
      repeated: 2,
      examples: [],
    });
    expect(sent().counts("logs")).toEqual({ sent: 6, acknowledged: 4, rejected: 0 });
  });

  it("finds what is missing, what is there too often, and what nobody sent", () => {
    const verdict = judgeTable(sent().of("logs"), false, copies([1, 2], [3, 4], [4, 1], [6, 2], [99, 1]));
    expect(verdict).toMatchObject({ lost: 1, doubled: 1 + 1 + 1 + 1, repeated: 2 });
    expect(verdict.examples).toEqual([
      "1 is there 2 times, sent 1 times",
      "2 is missing",
      "3 is there 4 times, sent 3 times",
      "6 is there 2 times, sent 1 times",
      "1 numbers that were never sent",
    ]);
  });

  it("looks for one row a request where that is so", () => {
    expect(judgeTable(sent().of("logs"), true, copies([1, 1], [3, 1]))).toMatchObject({ stored: 2, lost: 0, doubled: 0 });
  });
});
