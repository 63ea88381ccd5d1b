import { describe, expect, it } from "vitest";
import { answered, NoAnswerError } from "./answered.ts";

describe("answered", () => {
  it("passes on what comes in time, value or error", async () => {
    await expect(answered(Promise.resolve(1), 1_000, "a question")).resolves.toBe(1);
    await expect(answered(Promise.reject(new Error("no")), 1_000, "a question")).rejects.toThrow("no");
  });

  it("gives up a question that nobody answers, and lets an error that comes too late go", async () => {
    const late = Promise.withResolvers<number>();
    await expect(answered(late.promise, 20, "a question")).rejects.toThrow(new NoAnswerError("a question: no answer within 0.02 s"));
    late.reject(new Error("too late"));
    await Promise.resolve();
  });
});
