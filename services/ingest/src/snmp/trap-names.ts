/** A trap that a standard defines. */
export interface KnownTrap {
  readonly name: string;
  /** SeverityNumber of OpenTelemetry. */
  readonly severity: number;
}

const INFO = 9;
const WARN = 13;
const ERROR = 17;

/** SNMPv2-MIB and IF-MIB (RFC 3418, RFC 2863), BGP4-MIB (RFC 4273), UPS-MIB (RFC 1628), by OID. */
const TRAPS: ReadonlyMap<string, KnownTrap> = new Map([
  ["1.3.6.1.6.3.1.1.5.1", { name: "coldStart", severity: WARN }],
  ["1.3.6.1.6.3.1.1.5.2", { name: "warmStart", severity: WARN }],
  ["1.3.6.1.6.3.1.1.5.3", { name: "linkDown", severity: ERROR }],
  ["1.3.6.1.6.3.1.1.5.4", { name: "linkUp", severity: INFO }],
  ["1.3.6.1.6.3.1.1.5.5", { name: "authenticationFailure", severity: WARN }],
  ["1.3.6.1.6.3.1.1.5.6", { name: "egpNeighborLoss", severity: WARN }],
  ["1.3.6.1.2.1.15.0.1", { name: "bgpEstablished", severity: INFO }],
  ["1.3.6.1.2.1.15.0.2", { name: "bgpBackwardTransition", severity: ERROR }],
  ["1.3.6.1.2.1.15.7.1", { name: "bgpEstablished", severity: INFO }],
  ["1.3.6.1.2.1.15.7.2", { name: "bgpBackwardTransition", severity: ERROR }],
  ["1.3.6.1.2.1.33.2.1", { name: "upsTrapOnBattery", severity: ERROR }],
  ["1.3.6.1.2.1.33.2.3", { name: "upsTrapAlarmEntryAdded", severity: WARN }],
  ["1.3.6.1.2.1.33.2.4", { name: "upsTrapAlarmEntryRemoved", severity: INFO }],
]);

/** Columns and scalars whose name makes a trap readable. */
const OBJECTS: ReadonlyMap<string, string> = new Map([
  ["1.3.6.1.2.1.1.1", "sysDescr"],
  ["1.3.6.1.2.1.1.5", "sysName"],
  ["1.3.6.1.2.1.1.6", "sysLocation"],
  ["1.3.6.1.2.1.2.2.1.1", "ifIndex"],
  ["1.3.6.1.2.1.2.2.1.2", "ifDescr"],
  ["1.3.6.1.2.1.2.2.1.3", "ifType"],
  ["1.3.6.1.2.1.2.2.1.7", "ifAdminStatus"],
  ["1.3.6.1.2.1.2.2.1.8", "ifOperStatus"],
  ["1.3.6.1.2.1.15.3.1.2", "bgpPeerState"],
  ["1.3.6.1.2.1.15.3.1.7", "bgpPeerRemoteAddr"],
  ["1.3.6.1.2.1.15.3.1.14", "bgpPeerLastError"],
  ["1.3.6.1.2.1.31.1.1.1.1", "ifName"],
  ["1.3.6.1.2.1.31.1.1.1.18", "ifAlias"],
  ["1.3.6.1.2.1.33.1.2.3", "upsEstimatedMinutesRemaining"],
]);
/** An index may have as many parts as an address; names are not looked for beyond. */
const MAX_INDEX_PARTS = 20;

/** A trap whose OID nobody here knows is a warning: devices send traps when something is the matter. */
export function knownTrap(oid: string): KnownTrap {
  return TRAPS.get(oid) ?? { name: oid, severity: WARN };
}

/** `ifName.37` for an OID below a known object, else the OID. */
export function readableOid(oid: string): string {
  let end = oid.length;
  for (let parts = 0; parts < MAX_INDEX_PARTS && end > 0; parts++) {
    const name = OBJECTS.get(oid.slice(0, end));
    if (name !== undefined) return name + oid.slice(end);
    end = oid.lastIndexOf(".", end - 1);
  }
  return oid;
}
