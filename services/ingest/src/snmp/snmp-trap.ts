import { isUtf8 } from "node:buffer";

/*
 * RFC 3416 §4.2.6 (SNMPv2-Trap, InformRequest), RFC 1157 §4.1.6 (Trap of version 1) and RFC 3584 §3.1 (one as the other)
 */
const UP_TIME = "1.3.6.1.2.1.1.3.0";
const TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0";
const ENTERPRISE = "1.3.6.1.6.3.1.1.4.3.0";
const TRAP_ADDRESS = "1.3.6.1.6.3.18.1.3.0";
/** A proxy repeats the community here: a secret, which must not become telemetry. */
const TRAP_COMMUNITY = "1.3.6.1.6.3.18.1.4.0";
const SYS_NAME = "1.3.6.1.2.1.1.5.0";
const STANDARD_TRAPS = "1.3.6.1.6.3.1.1.5";
const ENTERPRISE_SPECIFIC = 6;
const TRAP_V1 = 164;
const COUNTER64 = 70;
const NO_ADDRESS = "0.0.0.0";

/** Further bindings of one trap are counted only. */
const MAX_BINDINGS = 64;
const MAX_VALUE_CHARACTERS = 4_096;
const gb18030 = new TextDecoder("gb18030", { fatal: true });
/** What a text of a Chinese device is made of; bytes that are no text seldom decode to it. */
const CHINESE_TEXT = /^[\u0020-\u007e\u00b7\u2010-\u2026\u3000-\u303f\u4e00-\u9fff\uff00-\uffef\r\n\t]+$/;

/** What net-snmp hands over of a trap; all of it came from outside. */
export interface TrapPdu {
  readonly type: number;
  readonly varbinds: readonly { readonly oid: string; readonly type: number; readonly value: unknown }[];
  readonly enterprise?: string;
  readonly agentAddr?: string;
  readonly generic?: number;
  readonly specific?: number;
  readonly upTime?: number;
  readonly community?: string;
  readonly user?: string;
}

/** A trap of any version in one form; "" stands for what it does not say. */
export interface SnmpTrap {
  readonly version: "1" | "2c" | "3";
  readonly oid: string;
  readonly enterprise: string;
  /** The agent that it is about: behind a proxy it is not the peer. */
  readonly agentAddress: string;
  readonly sysName: string;
  /** Of the agent, hundredths of a second; undefined when it is not told. */
  readonly upTimeTicks: number | undefined;
  readonly bindings: readonly (readonly [oid: string, value: string])[];
  readonly droppedBindings: number;
}

/** The trap in `pdu`; undefined when it has no OID, so that nobody can tell what it means. */
export function readTrap(pdu: TrapPdu): SnmpTrap | undefined {
  const values = new Map(pdu.varbinds.map(({ oid, type, value }) => [oid, textOfValue(type, value)]));
  const isV1 = pdu.type === TRAP_V1;
  const oid = isV1 ? oidOfV1(pdu) : (values.get(TRAP_OID) ?? "");
  if (oid === "") return undefined;
  const upTime = isV1 ? pdu.upTime : Number(values.get(UP_TIME));
  const agentAddress = (isV1 ? pdu.agentAddr : values.get(TRAP_ADDRESS)) ?? "";
  const enterprise = (isV1 ? pdu.enterprise : values.get(ENTERPRISE)) ?? "";
  const sysName = values.get(SYS_NAME) ?? "";
  for (const header of [UP_TIME, TRAP_OID, ENTERPRISE, TRAP_ADDRESS, TRAP_COMMUNITY]) values.delete(header);
  return {
    version: versionOf(pdu),
    oid,
    enterprise,
    agentAddress: agentAddress === NO_ADDRESS ? "" : agentAddress,
    sysName,
    upTimeTicks: upTime !== undefined && Number.isFinite(upTime) ? upTime : undefined,
    bindings: [...values].slice(0, MAX_BINDINGS),
    droppedBindings: Math.max(0, values.size - MAX_BINDINGS),
  };
}

function versionOf(pdu: TrapPdu): SnmpTrap["version"] {
  if (pdu.type === TRAP_V1) return "1";
  return pdu.user === undefined ? "2c" : "3";
}

function oidOfV1({ generic = ENTERPRISE_SPECIFIC, specific = 0, enterprise = "" }: TrapPdu): string {
  if (generic >= 0 && generic < ENTERPRISE_SPECIFIC) return `${STANDARD_TRAPS}.${generic + 1}`;
  return enterprise === "" ? "" : `${enterprise}.0.${specific}`;
}

/** A bound value as text: bytes as UTF-8 or Chinese where they are text, else in hexadecimal. */
export function textOfValue(type: number, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (!(value instanceof Uint8Array)) return String(value).slice(0, MAX_VALUE_CHARACTERS);
  if (type === COUNTER64) return value.length > 9 ? hexOf(value) : BigInt(`0x${Buffer.from(value).toString("hex") || "0"}`).toString();
  return textOfBytes(value).slice(0, MAX_VALUE_CHARACTERS);
}

function textOfBytes(bytes: Uint8Array): string {
  // Some agents end their strings as C does.
  const plain = bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes;
  if (isUtf8(plain)) {
    const text = Buffer.from(plain).toString("utf8");
    if (!/\p{Cc}/u.test(text.replace(/[\r\n\t]/g, ""))) return text;
  }
  try {
    const text = gb18030.decode(plain);
    if (CHINESE_TEXT.test(text)) return text;
  } catch {
    // no text: hexadecimal
  }
  return hexOf(bytes);
}

function hexOf(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes.subarray(0, MAX_VALUE_CHARACTERS / 2)).toString("hex")}`;
}
