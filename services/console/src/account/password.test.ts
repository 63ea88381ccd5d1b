import { describe, expect, it } from "vitest";
import { hashPassword, passwordFits } from "./password-hash.ts";
import { checkNewPassword, randomPassword } from "./password-rules.ts";

describe("password hashes", () => {
  it("fit their own password only, and are never the same twice", async () => {
    const [one, two] = await Promise.all([hashPassword("correct horse battery"), hashPassword("correct horse battery")]);
    expect(one).not.toBe(two);
    expect(one).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
    expect(await passwordFits("correct horse battery", one)).toBe(true);
    expect(await passwordFits("correct horse batterz", one)).toBe(false);
    expect(await passwordFits("", one)).toBe(false);
  });

  it("carry their own cost, so that older ones still fit (vector of RFC 7914, section 12)", async () => {
    const hash = Buffer.from(
      "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
      "hex",
    );
    const stored = `scrypt$1024$8$16$${Buffer.from("NaCl").toString("base64url")}$${hash.toString("base64url")}`;
    expect(await passwordFits("password", stored)).toBe(true);
    expect(await passwordFits("passwore", stored)).toBe(false);
  });

  it("treat the same letters typed as other code points as the same", async () => {
    expect(await passwordFits("caf\u0065\u0301 und mehr", await hashPassword("caf\u00e9 und mehr"))).toBe(true);
  });

  it.each(["", "scrypt", "scrypt$0$0$0$c2FsdA$aGFzaGhhc2hoYXNoaGFzaA", "scrypt$999999999$255$1$c2FsdA$aGFzaGhhc2hoYXNoaGFzaA", "plain:secret"])(
    "fit nothing when they are damaged: %s",
    async (stored) => {
      expect(await passwordFits("secret", stored)).toBe(false);
    },
  );
});

describe("password rules", () => {
  it.each([
    ["short1", "10 to 200"],
    ["x".repeat(201), "10 to 200"],
    ["my-Admin-password", "name of its account"],
    ["aaaaaaaaaaaaaaab", "4 different"],
  ])("refuse %s", (password, reason) => {
    expect(() => checkNewPassword("admin", password)).toThrow(reason);
  });

  it("take what they make themselves, which is never the same", () => {
    const made = new Set(Array.from({ length: 50 }, randomPassword));
    expect(made.size).toBe(50);
    for (const password of made) expect(() => checkNewPassword("admin", password)).not.toThrow();
  });
});
