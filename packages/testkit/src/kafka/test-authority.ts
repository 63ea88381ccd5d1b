import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A certificate with its private key, both PEM. */
export interface IssuedCertificate {
  readonly cert: string;
  readonly key: string;
}

const OID = { ecdsaWithSha256: "2a8648ce3d040302", commonName: "550403", basicConstraints: "551d13", subjectAltName: "551d11" };
const TAG = { boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, utf8: 0x0c, sequence: 0x30, set: 0x31, utcTime: 0x17 };
/** Context tags of a certificate: its version, its extensions; of a name in subjectAltName: DNS, IP address. */
const CONTEXT = { version: 0xa0, extensions: 0xa3, dns: 0x82, ip: 0x87 };
const DAY_MS = 86_400_000;

/**
 * An authority for tests, with no tool but Node: X.509 v3 (RFC 5280 §4.1) with ECDSA on P-256 (RFC 5758), valid from yesterday
 * for a month. Every authority is a new one that nobody trusts unless told.
 */
export class TestAuthority {
  readonly #name: string;
  readonly #keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  /** Its own certificate, PEM. */
  readonly ca: string;

  constructor(name = "yunwei test authority") {
    this.#name = name;
    this.ca = this.#certificate(name, this.#keys.publicKey, extension(OID.basicConstraints, der(TAG.sequence, der(TAG.boolean, Buffer.from([0xff]))), true));
  }

  /** For a machine or a client of this name; good for localhost and 127.0.0.1 as well. */
  issue(name: string): IssuedCertificate {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const names = der(
      TAG.sequence,
      der(CONTEXT.dns, Buffer.from(name)),
      der(CONTEXT.dns, Buffer.from("localhost")),
      der(CONTEXT.ip, Buffer.from([127, 0, 0, 1])),
    );
    const cert = this.#certificate(name, publicKey, extension(OID.subjectAltName, names, false));
    return { cert, key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
  }

  #certificate(subject: string, publicKey: KeyObject, extensions: Buffer): string {
    const algorithm = der(TAG.sequence, oid(OID.ecdsaWithSha256));
    const nowMs = Date.now();
    const body = der(
      TAG.sequence,
      der(CONTEXT.version, der(TAG.integer, Buffer.from([2]))),
      // A leading 01 keeps the serial number positive.
      der(TAG.integer, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
      algorithm,
      distinguishedName(this.#name),
      der(TAG.sequence, utcTime(nowMs - DAY_MS), utcTime(nowMs + 30 * DAY_MS)),
      distinguishedName(subject),
      publicKey.export({ type: "spki", format: "der" }),
      der(CONTEXT.extensions, der(TAG.sequence, extensions)),
    );
    const signature = sign("sha256", body, this.#keys.privateKey);
    return pem("CERTIFICATE", der(TAG.sequence, body, algorithm, der(TAG.bits, Buffer.from([0]), signature)));
  }
}

/** One element: tag, length (ITU-T X.690 §8.1.3), content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const lengthBytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...lengthBytes]), content]);
}

function oid(hex: string): Buffer {
  return der(TAG.oid, Buffer.from(hex, "hex"));
}

function distinguishedName(name: string): Buffer {
  return der(TAG.sequence, der(TAG.set, der(TAG.sequence, oid(OID.commonName), der(TAG.utf8, Buffer.from(name)))));
}

function extension(id: string, value: Buffer, critical: boolean): Buffer {
  return der(TAG.sequence, oid(id), ...(critical ? [der(TAG.boolean, Buffer.from([0xff]))] : []), der(TAG.octets, value));
}

/** YYMMDDhhmmssZ. */
function utcTime(timeMs: number): Buffer {
  return der(TAG.utcTime, Buffer.from(`${new Date(timeMs).toISOString().replaceAll(/[-:T]/g, "").slice(2, 14)}Z`));
}

function pem(label: string, bytes: Buffer): string {
  return `-----BEGIN ${label}-----\n${bytes.toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd()}\n-----END ${label}-----\n`;
}
