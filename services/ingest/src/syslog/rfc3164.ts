import type { ZoneClock } from "../log-door/zone-clock.ts";
import { findTime } from "./device-time.ts";
import type { SyslogParts } from "./syslog-message.ts";

/*
 * RFC 3164 §4.1, behind the PRI, as it should be:   TIMESTAMP SP HOSTNAME SP TAG[PID]: CONTENT
 * What is really sent (the RFC only describes what was observed, and demands nothing):
 *   a program through a local relay       Nov 26 14:00:00 host sshd[123]: text
 *   without a host, with another time     2026-11-26T14:00:00+08:00 host app: text
 *   Cisco IOS     [seq: ][host: ][*|.]Nov 26 14:00:00.123 CST: %LINK-3-UPDOWN: text
 *   Huawei, H3C   Nov 26 2026 14:00:00 host %%01IFNET/4/LINK_STATE(l)[1]:text
 */
const CISCO_LEAD = /(?:\d{1,10}: )?(?:([\w.-]{1,255}): )?[*.]?(?=[A-Z\d])/y;
const HOST = /([^\s[\]%]{1,255})(?= |$)/y;
const TAG = /([^\s:[\]%]{1,128})(?:\[([^\]\s]{0,128})\])?:(?: |$)/y;
const CISCO_ID = /%([A-Z\d_]{1,64}(?:-[A-Z\d_]{1,64}){0,4}-[0-7]-[A-Z\d_]{1,64}):/y;
const HUAWEI_ID = /%%\d\d([\w-]{1,64}\/[0-7]\/[\w-]{1,64})/y;

/** Reads what stands at `from`, behind the PRI. Nothing is refused: what is not understood is the body. */
export function readRfc3164(text: string, from: number, zone: ZoneClock, receivedMs: number): SyslogParts {
  const lead = matchAt(CISCO_LEAD, text, from);
  const time = findTime(text, from + (lead?.[0].length ?? 0), zone, receivedMs);
  let hostname = time === undefined ? "" : (lead?.[1] ?? "");
  let at = time === undefined ? from : skip(text, text[time.end] === ":" ? time.end + 1 : time.end);
  if (time !== undefined && hostname === "") {
    const host = matchAt(HOST, text, at);
    // A word before a colon is the tag of a message without a host, and a word alone is all there is.
    if (host !== undefined && !host[1]!.endsWith(":") && at + host[0].length < text.length) {
      hostname = host[1]!;
      at = skip(text, at + host[0].length);
    }
  }
  const mnemonic = matchAt(CISCO_ID, text, at) ?? matchAt(HUAWEI_ID, text, at);
  const tag = mnemonic === undefined ? matchAt(TAG, text, at) : undefined;
  return {
    timeMs: time?.timeMs,
    timeText: time?.text ?? "",
    hostname,
    appName: tag?.[1] ?? "",
    procId: tag?.[2] ?? "",
    msgId: mnemonic?.[1] ?? "",
    parameters: [],
    droppedParameters: 0,
    body: text.slice(at + (tag?.[0].length ?? 0)),
  };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

/** Behind the blanks at `from`. */
function skip(text: string, from: number): number {
  let at = from;
  while (text[at] === " ") at++;
  return at;
}
