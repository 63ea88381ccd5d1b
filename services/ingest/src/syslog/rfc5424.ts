import type { ZoneClock } from "../log-door/zone-clock.ts";
import { findTime } from "./device-time.ts";
import { readStructuredData } from "./structured-data.ts";
import type { SyslogParts } from "./syslog-message.ts";

/*
 * RFC 5424 §6, behind the PRI:
 *   VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP STRUCTURED-DATA [SP MSG]
 *   HOSTNAME = NILVALUE / 1*255PRINTUSASCII   APP-NAME = 1*48   PROCID = 1*128   MSGID = 1*32   NILVALUE = "-"
 *   MSG      = MSG-ANY / MSG-UTF8             MSG-UTF8 = BOM UTF-8-STRING
 * Longer fields, up to 255, are taken as well.
 */
const HEADER = /[1-9]\d{0,2} (-|\d{4}-\d\d-\d\d[Tt][\d:.,Zz+-]{1,32}) (\S{1,255}) (\S{1,255}) (\S{1,255}) (\S{1,255})(?: |$)/y;
const BOM = "\ufeff";

/** Reads what stands at `from`, behind the PRI; undefined when it is not of this form. Malformed structured data becomes part of the body. */
export function readRfc5424(text: string, from: number, zone: ZoneClock, receivedMs: number): SyslogParts | undefined {
  HEADER.lastIndex = from;
  const header = HEADER.exec(text);
  if (header === null) return undefined;
  const [, time, hostname, appName, procId, msgId] = header as unknown as [string, string, string, string, string, string];
  const start = HEADER.lastIndex;
  const data = readStructuredData(text, start);
  const body = data === undefined ? text.slice(start) : text.slice(text[data.end] === " " ? data.end + 1 : data.end);
  return {
    timeMs: time === "-" ? undefined : findTime(time, 0, zone, receivedMs)?.timeMs,
    timeText: known(time),
    hostname: known(hostname),
    appName: known(appName),
    procId: known(procId),
    msgId: known(msgId),
    parameters: data?.parameters ?? [],
    droppedParameters: data?.dropped ?? 0,
    body: body.startsWith(BOM) ? body.slice(1) : body,
  };
}

function known(field: string): string {
  return field === "-" ? "" : field;
}
