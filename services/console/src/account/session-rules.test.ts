import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSameOriginProof, newToken, sessionCookie, tokenHash, tokenOfBearer, tokenOfCookies } from "./session-rules.ts";

describe("session tokens", () => {
  it("are long, random and known by their hash only", () => {
    const [one, two] = [newToken(), newToken()];
    expect(one).toMatch(/^[\w-]{43}$/);
    expect(one).not.toBe(two);
    expect(tokenHash(one)).toHaveLength(32);
    expect(tokenHash(one)!.toString("base64url")).not.toBe(one);
  });

  it.each(["", "x", "A".repeat(42), "A".repeat(44), `${"A".repeat(42)}'`, `${"A".repeat(42)}%`])("are not looked up when they cannot be ours: %j", (text) => {
    expect(tokenHash(text)).toBeUndefined();
  });

  it("come out of the cookie that carries them", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,8}=[\w ]{0,10}$/), { maxLength: 20 }), (others) => {
        const token = newToken();
        const header = [...others, sessionCookie(token, 1000, true).split("; ")[0]!].join("; ");
        return tokenOfCookies(header) === token;
      }),
    );
    expect(tokenOfCookies(undefined)).toBeUndefined();
    expect(tokenOfCookies("xyunwei_session=abc; other")).toBeUndefined();
  });

  it("come out of a Bearer header and of nothing else", () => {
    expect(tokenOfBearer("Bearer abc")).toBe("abc");
    expect(tokenOfBearer("bearer abc")).toBe("abc");
    for (const header of [undefined, "", "Basic abc", "Bearer", "Bearer a b", `Bearer ${"a".repeat(300)}`]) expect(tokenOfBearer(header)).toBeUndefined();
  });

  it("are kept from scripts and other sites, and from plain http after https", () => {
    expect(sessionCookie("t", 60_000, true)).toBe("yunwei_session=t; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure");
    expect(sessionCookie("", 0, false)).toContain("Max-Age=0");
  });
});

describe("proof that our own page asks", () => {
  it.each([
    ["GET", undefined, undefined, true],
    ["HEAD", "text/plain", undefined, true],
    ["POST", undefined, undefined, false],
    ["POST", "application/x-www-form-urlencoded", undefined, false],
    ["POST", "multipart/form-data", undefined, false],
    ["POST", "text/plain", undefined, false],
    ["POST", "text/plain;application/json", undefined, false],
    ["POST", "application/json", undefined, true],
    ["PUT", "Application/JSON; charset=utf-8", undefined, true],
    ["DELETE", undefined, "yunwei", true],
    ["DELETE", undefined, "XMLHttpRequest", false],
  ] as const)("%s with %s and %s: %s", (method, contentType, requestedWith, holds) => {
    expect(isSameOriginProof(method, contentType, requestedWith)).toBe(holds);
  });
});
