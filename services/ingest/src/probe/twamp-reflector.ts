import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type BlockList, isIPv6 } from "node:net";
import { plainAddress } from "../log-door/peer-book.ts";
import { reflectionOf } from "./twamp-packet.ts";

/** A bound reflector. */
export interface Reflector {
  readonly port: number;
  /** Test packets answered, and those left unanswered. */
  readonly counts: Readonly<Record<"reflected" | "refused", number>>;
  close(): Promise<void>;
}

const nowMs = (): number => performance.timeOrigin + performance.now();

/**
 * Answers test packets of the addresses in `allowed()`, one packet each of the same length: it can be made to send to a
 * forged address, but no more than was sent to it. @throws Error when the address cannot be bound
 */
export async function openReflector(host: string, port: number, allowed: () => BlockList): Promise<Reflector> {
  const socket = createSocket({ type: isIPv6(host) ? "udp6" : "udp4" });
  socket.bind(port, host);
  await once(socket, "listening");
  const counts = { reflected: 0, refused: 0 };
  socket.on("error", () => undefined); // of a single answer that could not be sent: it is lost, as packets are
  socket.on("message", (packet, from) => {
    const receivedMs = nowMs();
    const peer = plainAddress(from.address);
    const answer = allowed().check(peer, isIPv6(peer) ? "ipv6" : "ipv4") ? reflectionOf(packet, receivedMs, nowMs()) : undefined;
    if (answer === undefined) counts.refused++;
    else {
      counts.reflected++;
      socket.send(answer, from.port, from.address, () => undefined);
    }
  });
  return { port: socket.address().port, counts, close: () => new Promise((resolve) => socket.close(() => resolve())) };
}
