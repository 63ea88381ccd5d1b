import type { ZoneClock } from "../log-door/zone-clock.ts";
import { readRfc3164 } from "./rfc3164.ts";
import { readRfc5424 } from "./rfc5424.ts";
import type { SyslogMessage } from "./syslog-message.ts";

/*
 * PRI = "<" PRIVAL ">", PRIVAL = 1*3DIGIT in 0..191 = facility * 8 + severity (RFC 5424 §6.2.1, RFC 3164 §4.1.1)
 */
const PRI = /^<(\d{1,3})>/;
const MAX_PRIVAL = 191;

/**
 * Takes a message of either form apart; takes time in proportion to its length and never fails. RFC 5424 is known by its
 * version and time, all else is read as RFC 3164. A message without a valid PRI keeps all its text and has no severity
 * (RFC 3164 §4.3.3 would have a relay invent one).
 * @param text - without its frame and end of line. @param receivedMs - tells the year where the sender does not
 */
export function parseSyslog(text: string, zone: ZoneClock, receivedMs: number): SyslogMessage {
  const pri = PRI.exec(text);
  const value = pri === null ? Number.NaN : Number(pri[1]);
  if (pri === null || value > MAX_PRIVAL) return { facility: undefined, severity: undefined, ...readRfc3164(text, 0, zone, receivedMs) };
  const from = pri[0].length;
  const parts = readRfc5424(text, from, zone, receivedMs) ?? readRfc3164(text, from, zone, receivedMs);
  return { facility: value >> 3, severity: value & 7, ...parts };
}
