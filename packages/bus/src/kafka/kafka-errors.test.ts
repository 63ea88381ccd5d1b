import { describe, expect, it } from "vitest";
import { reasonOf, refusalOf } from "./kafka-errors.ts";

const coded = (message: string, code: string, cause?: Error) => Object.assign(new Error(message, { cause }), { code });

describe("refusalOf", () => {
  it("finds an untrusted certificate below what a driver wraps around it", () => {
    const error = new AggregateError([
      new Error("first"),
      coded("Connection failed.", "PLT_KFK_NETWORK", coded("self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT")),
    ]);
    expect(refusalOf(error)).toMatchObject({ isCertain: true, text: expect.stringContaining("self-signed certificate") });
  });

  it("takes a login for refused only as long as it is not sure", () => {
    expect(refusalOf(coded("SASL authentication failed.", "PLT_KFK_AUTHENTICATION"))).toMatchObject({ isCertain: false });
    expect(refusalOf(Object.assign(new Error("no"), { name: "KafkaJSSASLAuthenticationError" }))).toMatchObject({ isCertain: false });
  });

  it.each(["ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENOTFOUND", "PLT_KFK_NETWORK"])("leaves %s to patience", (code) => {
    expect(refusalOf(coded("away", code))).toBeUndefined();
  });

  it("ends on errors that wrap each other", () => {
    const error = new Error("round");
    error.cause = error;
    expect(refusalOf(error)).toBeUndefined();
    expect(reasonOf(error)).toBe("round");
  });
});
