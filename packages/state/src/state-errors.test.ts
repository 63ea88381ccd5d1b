import { YunweiError } from "@yunwei/schemas";
import { describe, expect, it } from "vitest";
import { stateError, wantsRetry } from "./state-errors.ts";

const withCode = (code: string) => Object.assign(new Error("driver text"), { code });

describe("stateError", () => {
  it.each([
    { given: withCode("40001"), code: "YUNWEI_STATE_UNAVAILABLE" },
    { given: withCode("57P01"), code: "YUNWEI_STATE_UNAVAILABLE" },
    { given: withCode("08006"), code: "YUNWEI_STATE_UNAVAILABLE" },
    { given: withCode("53300"), code: "YUNWEI_STATE_UNAVAILABLE" },
    { given: withCode("ECONNREFUSED"), code: "YUNWEI_STATE_UNAVAILABLE" },
    { given: new Error("Connection terminated unexpectedly"), code: "YUNWEI_STATE_UNAVAILABLE" },
    { given: withCode("23505"), code: "YUNWEI_CONFLICT" },
    { given: withCode("42601"), code: "YUNWEI_ENGINE_FAILED" },
  ])("translates $given.code $given.message to $code and keeps the cause", ({ given, code }) => {
    expect(stateError(given)).toMatchObject({ code, cause: given });
  });

  it("passes our own errors and unknown ones unchanged", () => {
    const ours = new YunweiError("YUNWEI_NOT_FOUND", "no such incident");
    const strange = new TypeError("x is not a function");
    expect(stateError(ours)).toBe(ours);
    expect(stateError(strange)).toBe(strange);
  });

  it("asks for a retry only where the engine does", () => {
    expect(["40001", "40P01", "23505", "57P01"].map((code) => wantsRetry(withCode(code)))).toEqual([true, true, false, false]);
  });
});
