import { describe, expect, it } from "vitest";
import { rejectedItems } from "./rejected-items.ts";

describe("rejectedItems", () => {
  it.each([
    { case: "an empty answer", encoding: "protobuf" as const, answer: "", want: { rejected: 0, message: "" } },
    { case: "a protobuf answer", encoding: "protobuf" as const, answer: "\x0a\x08\x08\x03\x12\x04late", want: { rejected: 3, message: "late" } },
    { case: "an answer with an unknown field", encoding: "protobuf" as const, answer: "\x0a\x04\x08\x02\x18\x01", want: { rejected: 2, message: "" } },
    { case: "a cut answer", encoding: "protobuf" as const, answer: "\x0a\x08\x08", want: { rejected: 0, message: "" } },
    { case: "an empty JSON answer", encoding: "json" as const, answer: "{}", want: { rejected: 0, message: "" } },
    {
      case: "a JSON answer",
      encoding: "json" as const,
      answer: '{"partialSuccess":{"rejectedSpans":"7","errorMessage":"old"}}',
      want: { rejected: 7, message: "old" },
    },
  ])("reads $case", ({ encoding, answer, want }) => {
    expect(rejectedItems(encoding, Buffer.from(answer, "latin1"))).toEqual(want);
  });
});
