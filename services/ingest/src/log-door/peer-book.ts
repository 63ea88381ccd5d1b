import { BlockList, isIP, isIPv6 } from "node:net";
import type { OutgoingAttributes } from "@yunwei/otlp";
import { ATTR } from "@yunwei/schemas";
import type { IngestToken } from "../domain/ingest-token.ts";
import type { ZoneClock } from "./zone-clock.ts";

/** Who sends from an address, and what is to be known of it. */
export interface Sender {
  readonly token: IngestToken;
  /** Whether its telemetry is of a host or of a network device. */
  readonly kind: "host" | "device";
  /** What it is called, whatever it says of itself; undefined = it tells its name, or is known by its address. */
  readonly name: string | undefined;
  /** In which its clock shows the time when it names no zone. */
  readonly zone: ZoneClock;
}

/** Senders of `from`: an address, or a network like 10.20.0.0/16. */
export interface PeerRule extends Sender {
  readonly from: string;
}

const MAX_CACHED = 10_000;

/** An address or network, split; undefined when it is neither. */
export function parseNetwork(from: string): { address: string; prefix: number; isOne: boolean; family: "ipv4" | "ipv6" } | undefined {
  const [address, length, rest] = from.split("/") as [string, string?, string?];
  if (isIP(address) === 0 || rest !== undefined || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined;
  const most = isIPv6(address) ? 128 : 32;
  const prefix = length === undefined ? most : Number(length);
  return prefix > most ? undefined : { address, prefix, isOne: prefix === most, family: most === 128 ? "ipv6" : "ipv4" };
}

/** An address as rules have it: IPv4 inside of IPv6 is IPv4, and a scope (`%eth0`) does not count. */
export function plainAddress(address: string): string {
  const bare = address.split("%")[0]!;
  return bare.startsWith("::ffff:") && bare.includes(".") ? bare.slice(7) : bare;
}

/** The resource that a sender's telemetry is of. @param saidName - what it calls itself, "" = nothing. @param address - where it is known by */
export function senderResource({ kind, name }: Sender, saidName: string, address: string): OutgoingAttributes {
  const best = name ?? (saidName === "" ? address : saidName);
  return kind === "device" ? { [ATTR.entityType]: "device", [ATTR.entityId]: best, [ATTR.hostName]: best } : { [ATTR.hostName]: best };
}

/** Tells senders by their address, for protocols that carry no token: nobody is let in whom no rule names, but for this machine itself. */
export class PeerBook {
  readonly #rules: { readonly list: BlockList; readonly sender: Sender }[];
  readonly #cache = new Map<string, Sender | undefined>();

  /**
   * The rule with the longest prefix counts.
   * @param local - what this machine itself sends with, where no rule says otherwise; undefined = it is refused like others
   */
  constructor(rules: readonly PeerRule[], local: Sender | undefined) {
    const all = local === undefined ? [...rules] : [...rules, { ...local, from: "127.0.0.0/8" }, { ...local, from: "::1" }];
    const parsed = all.map((rule) => ({ rule, network: parseNetwork(rule.from)! }));
    this.#rules = parsed
      .sort((a, b) => b.network.prefix - a.network.prefix)
      .map(({ rule: { token, kind, name, zone }, network }) => {
        const list = new BlockList();
        list.addSubnet(network.address, network.prefix, network.family);
        return { list, sender: { token, kind, name, zone } };
      });
  }

  /** Who sends from `address` (as a socket tells it), or undefined. */
  find(address: string): Sender | undefined {
    if (this.#cache.has(address)) return this.#cache.get(address);
    const plain = plainAddress(address);
    const family = isIPv6(plain) ? "ipv6" : "ipv4";
    const sender = this.#rules.find(({ list }) => list.check(plain, family))?.sender;
    if (this.#cache.size >= MAX_CACHED) this.#cache.clear();
    this.#cache.set(address, sender);
    return sender;
  }
}
