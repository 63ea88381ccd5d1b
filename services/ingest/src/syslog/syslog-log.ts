import { type OutgoingLog, timeProblem } from "@yunwei/otlp";
import type { Sender } from "../log-door/peer-book.ts";
import type { SyslogMessage } from "./syslog-message.ts";

/** SeverityNumber and name by syslog severity (OpenTelemetry, logs data model, appendix B). */
const SEVERITIES: readonly (readonly [number, string])[] = [
  [21, "emerg"],
  [19, "alert"],
  [18, "crit"],
  [17, "err"],
  [13, "warning"],
  [10, "notice"],
  [9, "info"],
  [5, "debug"],
];

/** How a message came. */
export interface Reception {
  readonly sender: Sender;
  /** Address of the sender. */
  readonly peer: string;
  readonly receivedMs: number;
  /** Whether its end was cut off because it was too long. */
  readonly isCut: boolean;
}

/**
 * The message as a log record; names as in the data model's appendix A. A time that Admission would refuse (a device whose
 * clock was never set) gives way to the time of reception, and is kept as text.
 */
export function syslogLog(message: SyslogMessage, { peer, receivedMs, isCut }: Reception): OutgoingLog {
  const isUsable = message.timeMs !== undefined && timeProblem(message.timeMs, receivedMs) === undefined;
  const [severity, severityText] = message.severity === undefined ? [0, ""] : SEVERITIES[message.severity]!;
  const attributes: Record<string, string | number> = { "network.peer.address": peer };
  if (message.facility !== undefined) attributes["syslog.facility.code"] = message.facility;
  if (message.appName !== "") attributes["syslog.appname"] = message.appName;
  if (message.procId !== "") attributes["syslog.procid"] = message.procId;
  if (message.msgId !== "") attributes["syslog.msgid"] = message.msgId;
  for (const [name, value] of message.parameters) attributes[`syslog.structured_data.${name}`] = value;
  if (!isUsable && message.timeText !== "") attributes["yunwei.log.sender_time"] = message.timeText;
  if (isCut) attributes["yunwei.log.cut"] = "true";
  return {
    timeMs: isUsable ? message.timeMs! : receivedMs,
    observedMs: receivedMs,
    severity,
    severityText,
    body: message.body,
    attributes,
    droppedAttributes: message.droppedParameters,
  };
}
