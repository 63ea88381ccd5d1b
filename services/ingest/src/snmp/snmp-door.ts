import type { RemoteInfo } from "node:dgram";
import type { Logger } from "@yunwei/service-kit";
import { AuthProtocols, createReceiver, PrivProtocols, SecurityLevel } from "net-snmp";
import type { Admission } from "../gateway/admission.ts";
import { FailureBrake } from "../log-door/failure-brake.ts";
import { LogBatcher } from "../log-door/log-batcher.ts";
import { LossCounter } from "../log-door/loss-counter.ts";
import { plainAddress, type Sender, senderResource } from "../log-door/peer-book.ts";
import { readTrap, type TrapPdu } from "./snmp-trap.ts";
import { trapLog } from "./trap-log.ts";
import type { TrapSettings, TrapUser } from "./trap-settings.ts";
import { TrapSocket } from "./trap-socket.ts";

export interface SnmpDoorOptions {
  readonly admission: Admission;
  readonly settings: TrapSettings;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/** The part of net-snmp's receiver that is used; its types leave it open. */
interface Receiver {
  getAuthorizer(): { communities: string[]; users: object[] };
}
type OnTrap = (error: Error | null, notification: { readonly pdu: TrapPdu } | null) => void;

/**
 * SNMP traps and informs of versions 1, 2c and 3, as events behind Admission. An inform is acknowledged when its event is
 * durable; one that is not comes again. Who is not named by address, and by community or user, is refused; so is a user of
 * version 3 that does not authenticate. Versions 1 and 2c send their community in the clear, and UDP addresses can be forged.
 */
export class SnmpDoor {
  readonly losses: LossCounter;
  readonly #batcher: LogBatcher;
  readonly #nowMs: () => number;
  readonly #brake = new FailureBrake();
  #settings: TrapSettings;
  #socket: TrapSocket | undefined;
  #receiver: Receiver | undefined;
  /** What net-snmp found in the datagram that it is looking at. */
  #found: TrapPdu | undefined;
  #failure: string | undefined;

  constructor({ admission, settings, logger, nowMs }: SnmpDoorOptions) {
    this.losses = new LossCounter("snmp", logger, nowMs);
    this.#batcher = new LogBatcher({ admission, protocol: "snmp", losses: this.losses });
    this.#settings = settings;
    this.#nowMs = nowMs;
  }

  /** @returns the port in use. @throws Error when it cannot be had */
  async listen(host: string, port: number): Promise<number> {
    const socket = await TrapSocket.bound(host, port);
    this.#socket = socket;
    const onTrap: OnTrap = (error, notification) => {
      // Texts of net-snmp may hold digests and names of users: only the kind is told.
      if (error !== null) this.#failure = error.name;
      else this.#found = notification?.pdu;
    };
    this.#receiver = createReceiver({ port: socket.port, includeAuthentication: true, dgramModule: { createSocket: () => socket } }, onTrap) as Receiver;
    this.use(this.#settings);
    socket.receive(
      (datagram, from) => this.#take(socket, datagram, from),
      (error) => this.losses.count("dropped", "unknown", 0, error.message),
    );
    return socket.port;
  }

  /** From now on these may send. */
  use(settings: TrapSettings): void {
    this.#settings = settings;
    const authorizer = this.#receiver?.getAuthorizer();
    if (authorizer === undefined) return;
    authorizer.communities = [...settings.communities];
    authorizer.users = settings.users.map(userOf);
  }

  /** Takes nothing more, and hands on what it has. Idempotent. */
  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.mute();
    await this.#batcher.close();
    await socket?.close();
  }

  #take(socket: TrapSocket, datagram: Buffer, from: RemoteInfo): void {
    const peer = plainAddress(from.address);
    const now = this.#nowMs();
    const sender = this.#settings.senders.find(from.address);
    if (sender === undefined) this.losses.count("rejected", "unknown", 1, `no sender is known at ${peer}: name it in snmp-traps.yaml`);
    else if (this.#brake.isHeld(peer, now)) this.losses.count("rejected", sender.token.id, 1, `${peer} has sent too much that failed`);
    else {
      const problem = this.#read(socket, datagram, from, sender, now);
      if (problem === undefined) return;
      this.#brake.failed(peer, now);
      this.losses.count("rejected", sender.token.id, 1, `${peer}: ${problem}`);
    }
  }

  /** @returns what is wrong with the datagram, or undefined */
  #read(socket: TrapSocket, datagram: Buffer, from: RemoteInfo, sender: Sender, nowMs: number): string | undefined {
    this.#found = this.#failure = undefined;
    let answers: readonly (() => void)[];
    try {
      answers = socket.handle(datagram, from);
    } catch (error) {
      return error instanceof Error ? error.name : "failed";
    }
    if (this.#failure !== undefined) return this.#failure;
    if (this.#found === undefined) {
      // Discovery (RFC 3414 §4) and reports of version 3; nothing was told.
      for (const answer of answers) answer();
      return undefined;
    }
    if (!this.#mayTell(this.#found)) return "neither a community nor a user that may send";
    const trap = readTrap(this.#found);
    if (trap === undefined) return "a trap without its OID";
    if (!this.#batcher.hasRoom(sender.token)) {
      this.losses.count("dropped", sender.token.id, 1, "the queue is full: the bus is away or slower than the senders");
      return undefined;
    }
    const peer = plainAddress(from.address);
    const resource = senderResource(sender, trap.sysName, trap.agentAddress === "" ? peer : trap.agentAddress);
    this.#batcher.add(sender.token, resource, trapLog(trap, peer, nowMs), 2 * datagram.length, () => {
      for (const answer of answers) answer();
    });
    return undefined;
  }

  /** net-snmp 3.29 lets a message of version 3 pass whose user has no name: here each must be one of ours. */
  #mayTell({ community, user }: TrapPdu): boolean {
    if (community !== undefined) return this.#settings.communities.includes(community);
    return this.#settings.users.some(({ name }) => name === user);
  }
}

function userOf({ name, auth, authPassword, priv, privPassword }: TrapUser): object {
  const authenticated = { name, authProtocol: AuthProtocols[auth], authKey: authPassword };
  if (priv === undefined) return { ...authenticated, level: SecurityLevel.authNoPriv };
  return { ...authenticated, level: SecurityLevel.authPriv, privProtocol: PrivProtocols[priv], privKey: privPassword };
}
