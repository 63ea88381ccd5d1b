import type { Logger } from "@yunwei/service-kit";
import type { Admission } from "../gateway/admission.ts";
import { LogBatcher, type LogBatcherOptions } from "../log-door/log-batcher.ts";
import { LossCounter } from "../log-door/loss-counter.ts";
import type { PeerBook } from "../log-door/peer-book.ts";
import { LineIntake } from "./line-intake.ts";
import { openTcpDoor, TCP_DEFAULTS, type TcpDoor, type TcpDoorOptions } from "./tcp-door.ts";
import { openUdpDoor, type UdpDoor } from "./udp-door.ts";

export interface SyslogDoorOptions {
  readonly admission: Admission;
  /** The senders in force now. */
  readonly senders: () => PeerBook;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly batching?: Partial<LogBatcherOptions>;
}

/** Syslog over any transports, as log records behind Admission like those of every other door. */
export class SyslogDoor {
  readonly losses: LossCounter;
  readonly #batcher: LogBatcher;
  readonly #intake: LineIntake;
  readonly #open: (UdpDoor | TcpDoor)[] = [];

  constructor({ admission, senders, logger, nowMs, batching }: SyslogDoorOptions) {
    this.losses = new LossCounter("syslog", logger, nowMs);
    this.#batcher = new LogBatcher({ admission, protocol: "syslog", losses: this.losses, ...batching });
    this.#intake = new LineIntake({ batcher: this.#batcher, losses: this.losses, senders, nowMs });
  }

  /** @returns the port in use. @throws Error when it cannot be had */
  async listenUdp(host: string, port: number): Promise<number> {
    return this.#keep(await openUdpDoor(this.#intake, host, port));
  }

  /** With `options.tls` it speaks TLS. @returns the port in use. @throws Error when it cannot be had */
  async listenTcp(host: string, port: number, options: Partial<TcpDoorOptions> = {}): Promise<number> {
    return this.#keep(await openTcpDoor(this.#intake, host, port, { ...TCP_DEFAULTS, ...options }));
  }

  /** Takes nothing more, and hands on what it has. */
  async close(): Promise<void> {
    await Promise.all(this.#open.map((door) => door.close()));
    await this.#batcher.close();
  }

  #keep(door: UdpDoor | TcpDoor): number {
    this.#open.push(door);
    return door.port;
  }
}
