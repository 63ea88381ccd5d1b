import { ATTR } from "@yunwei/schemas";

/** What a client span calls, by what it tells of it. A higher one wins. */
export const PEER_KIND = { untold: 0, queue: 1, database: 2 } as const;

export interface PeerAttribute {
  readonly key: Uint8Array;
  /** Of the name in its value: the lowest that is there counts. NO_PEER_RANK = its value is no name. */
  readonly rank: number;
  readonly kind: number;
}

/** Rank of a span that has not told a name. */
export const NO_PEER_RANK = 99;
const { untold, queue, database } = PEER_KIND;
/** Names that people chose come first; the logical database before its address, which changes when another machine takes over. */
const ATTRIBUTES: readonly (readonly [name: string, rank: number, kind: number])[] = [
  [ATTR.peerService, 0, untold],
  [ATTR.peerServiceOld, 1, untold],
  [ATTR.messagingDestination, 2, queue],
  ["messaging.destination", 3, queue],
  ["db.namespace", 4, untold],
  ["db.name", 5, untold],
  [ATTR.serverAddress, 6, untold],
  ["net.peer.name", 7, untold],
  [ATTR.dbSystem, 8, database],
  ["db.system", 9, database],
  [ATTR.messagingSystem, NO_PEER_RANK, queue],
];
const encoder = new TextEncoder();
/** By the length of the key: most attributes are told apart by that alone. */
const BY_LENGTH: readonly (readonly PeerAttribute[] | undefined)[] = (() => {
  const lists: PeerAttribute[][] = [];
  for (const [name, rank, kind] of ATTRIBUTES) (lists[name.length] ??= []).push({ key: encoder.encode(name), rank, kind });
  return Array.from({ length: 128 }, (_, length) => lists[length]);
})();

/** What the KeyValue at `start` tells of the peer, or undefined (encoders write the key first; in others nothing is looked for). */
export function peerAttribute(bytes: Uint8Array, start: number): PeerAttribute | undefined {
  const candidates = BY_LENGTH[bytes[start + 1]!];
  if (candidates === undefined || bytes[start] !== 0x0a) return undefined;
  for (const candidate of candidates) if (isKey(bytes, start + 2, candidate.key)) return candidate;
  return undefined;
}

/** From the end: names of one length begin alike. */
function isKey(bytes: Uint8Array, at: number, key: Uint8Array): boolean {
  for (let i = key.length - 1; i >= 0; i--) if (bytes[at + i] !== key[i]) return false;
  return true;
}
