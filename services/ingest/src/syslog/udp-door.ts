import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import { plainAddress } from "../log-door/peer-book.ts";
import type { LineIntake } from "./line-intake.ts";
import { udpKernelDrops } from "./udp-kernel-drops.ts";

/** What the kernel may keep while we are busy; it gives what net.core.rmem_max allows. */
const RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024;
const LOOK_FOR_DROPS_MS = 10_000;

/** A bound UDP socket that takes in syslog. */
export interface UdpDoor {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Syslog over UDP (RFC 5426): a datagram is a message. UDP knows no "later": what finds no room in the queue is dropped and
 * counted, and so is what the kernel dropped before we could read it. @throws Error when the address cannot be bound
 */
export async function openUdpDoor(intake: LineIntake, host: string, port: number): Promise<UdpDoor> {
  const socket = createSocket({ type: isIPv6(host) ? "udp6" : "udp4" });
  socket.bind(port, host);
  await once(socket, "listening");
  growBuffer(socket);
  socket.on("message", (datagram, from) => receive(intake, datagram, from));
  socket.on("error", (error) => intake.losses.count("dropped", "unknown", 0, error.message));
  const bound = socket.address().port;
  let seen = await udpKernelDrops(bound);
  const look = async (): Promise<void> => {
    const drops = await udpKernelDrops(bound);
    if (drops > seen) intake.losses.count("dropped", "unknown", drops - seen, "the kernel's receive buffer was full: raise net.core.rmem_max");
    seen = drops;
  };
  const timer = setInterval(() => void look(), LOOK_FOR_DROPS_MS);
  timer.unref();
  return {
    port: bound,
    close: async () => {
      clearInterval(timer);
      await look();
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
}

function receive(intake: LineIntake, datagram: Buffer, from: RemoteInfo): void {
  const sender = intake.senderAt(from.address, 1);
  if (sender === undefined) return;
  if (intake.batcher.hasRoom(sender.token)) intake.take(sender, plainAddress(from.address), datagram, false);
  else intake.losses.count("dropped", sender.token.id, 1, "the queue is full: the bus is away or slower than the senders");
}

function growBuffer(socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch {
    // Not allowed here: the system's default stays, and what it cannot hold is counted.
  }
}
