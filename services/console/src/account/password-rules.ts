import { randomBytes } from "node:crypto";
import { YunweiError } from "@yunwei/service-kit";

export const MIN_PASSWORD_LENGTH = 10;
export const MAX_PASSWORD_LENGTH = 200;

/** @throws YunweiError YUNWEI_BODY_INVALID saying what a password must be */
export function checkNewPassword(name: string, password: string): void {
  if (password.length < MIN_PASSWORD_LENGTH || password.length > MAX_PASSWORD_LENGTH)
    throw new YunweiError("YUNWEI_BODY_INVALID", `A password has ${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters.`);
  if (password.toLowerCase().includes(name.toLowerCase())) throw new YunweiError("YUNWEI_BODY_INVALID", "A password must not contain the name of its account.");
  if (new Set(password).size < 4) throw new YunweiError("YUNWEI_BODY_INVALID", "A password has at least 4 different characters.");
}

/** 120 random bits in five groups, for a person to copy once. */
export function randomPassword(): string {
  return randomBytes(15).toString("hex").match(/.{6}/g)!.join("-");
}
