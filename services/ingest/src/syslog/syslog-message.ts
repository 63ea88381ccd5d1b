/** A syslog message of either form, taken apart; "" stands for what it does not say (the NILVALUE of RFC 5424). */
export interface SyslogMessage {
  /** 0..23, and 0..7 with 0 the worst; undefined when the message has no valid PRI. */
  readonly facility: number | undefined;
  readonly severity: number | undefined;
  /** Unix milliseconds; undefined when the message has no time, or none that exists. */
  readonly timeMs: number | undefined;
  /** The time as it was written. */
  readonly timeText: string;
  readonly hostname: string;
  readonly appName: string;
  readonly procId: string;
  /** MSGID, or the mnemonic of a network device: `LINK-3-UPDOWN`, `IFNET/4/LINK_STATE`. */
  readonly msgId: string;
  /** Structured data: `id.name` and value, in order. */
  readonly parameters: readonly (readonly [string, string])[];
  /** Parameters that were left out because there were too many. */
  readonly droppedParameters: number;
  readonly body: string;
}

/** What a parser of one form finds behind the PRI. */
export type SyslogParts = Omit<SyslogMessage, "facility" | "severity">;
