import type { LogBatcher } from "../log-door/log-batcher.ts";
import type { LossCounter } from "../log-door/loss-counter.ts";
import { type PeerBook, type Sender, senderResource } from "../log-door/peer-book.ts";
import { decodeText } from "./decode-text.ts";
import { parseSyslog } from "./parse-syslog.ts";
import { syslogLog } from "./syslog-log.ts";

export interface LineIntakeOptions {
  readonly batcher: LogBatcher;
  readonly losses: LossCounter;
  /** The senders in force now. */
  readonly senders: () => PeerBook;
  readonly nowMs: () => number;
}

const LF = 0x0a;
const CR = 0x0d;

/** What all transports of syslog do with a message: who sent it, what it says, into which batch it goes. */
export class LineIntake {
  readonly batcher: LogBatcher;
  readonly losses: LossCounter;
  readonly #options: LineIntakeOptions;

  constructor(options: LineIntakeOptions) {
    this.#options = options;
    this.batcher = options.batcher;
    this.losses = options.losses;
  }

  /** Who sends from an address, or undefined: then `many` messages of it are counted as refused. */
  senderAt(address: string, many: number): Sender | undefined {
    const sender = this.#options.senders().find(address);
    if (sender === undefined) this.losses.count("rejected", "unknown", many, `no sender is known at ${address}: name it in syslog-senders.yaml`);
    return sender;
  }

  /** Queues a message; one without text is none. The bytes are not used afterwards. @param peer - as rules write addresses */
  take(sender: Sender, peer: string, line: Uint8Array, isCut: boolean): void {
    let end = line.length;
    while (end > 0 && (line[end - 1] === 0 || line[end - 1] === LF || line[end - 1] === CR)) end--;
    if (end === 0) return;
    const receivedMs = this.#options.nowMs();
    const message = parseSyslog(decodeText(line.subarray(0, end)), sender.zone, receivedMs);
    const reception = { sender, peer, receivedMs, isCut };
    this.batcher.add(sender.token, senderResource(sender, message.hostname, peer), syslogLog(message, reception), end);
  }
}
