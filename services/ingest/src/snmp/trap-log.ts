import type { OutgoingLog } from "@yunwei/otlp";
import type { SnmpTrap } from "./snmp-trap.ts";
import { knownTrap, readableOid } from "./trap-names.ts";

const LINK_DOWN = "linkDown";
const INFO_2 = 10;
/** ifAdminStatus down(2): someone has closed the port, nothing has failed. */
const CLOSED = "2";
const SEVERITY_TEXT: ReadonlyMap<number, string> = new Map([
  [9, "info"],
  [10, "notice"],
  [13, "warning"],
  [17, "error"],
]);
const TICKS_PER_SECOND = 100;

/** The trap as an event; OpenTelemetry has no names for SNMP, so these are `snmp.*`. @param peer - address that sent it. @param receivedMs - traps tell no time of day */
export function trapLog(trap: SnmpTrap, peer: string, receivedMs: number): OutgoingLog {
  const { name, severity } = severityOf(trap);
  const attributes: Record<string, string | number> = {
    "network.peer.address": peer,
    "snmp.version": trap.version,
    "snmp.trap.oid": trap.oid,
    "snmp.trap.name": name,
  };
  if (trap.enterprise !== "") attributes["snmp.enterprise"] = trap.enterprise;
  if (trap.agentAddress !== "") attributes["snmp.agent.address"] = trap.agentAddress;
  if (trap.upTimeTicks !== undefined) attributes["snmp.agent.uptime_seconds"] = trap.upTimeTicks / TICKS_PER_SECOND;
  for (const [oid, value] of trap.bindings) attributes[`snmp.varbind.${oid}`] = value;
  const told = trap.bindings.map(([oid, value]) => `${readableOid(oid)}=${value}`).join(", ");
  return {
    timeMs: receivedMs,
    observedMs: receivedMs,
    severity,
    severityText: SEVERITY_TEXT.get(severity)!,
    body: told === "" ? name : `${name}: ${told}`,
    attributes,
    droppedAttributes: trap.droppedBindings,
    eventName: `snmp.trap.${name}`,
  };
}

function severityOf(trap: SnmpTrap): { name: string; severity: number } {
  const { name, severity } = knownTrap(trap.oid);
  const isClosed = name === LINK_DOWN && trap.bindings.some(([oid, value]) => value === CLOSED && readableOid(oid).startsWith("ifAdminStatus"));
  return { name, severity: isClosed ? INFO_2 : severity };
}
