import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { plainAddress } from "../log-door/peer-book.ts";
import type { LineIntake } from "./line-intake.ts";
import { FramingError, SyslogFramer } from "./syslog-framer.ts";

export interface TcpDoorOptions {
  readonly maxConnections: number;
  /** A connection that is silent for so long is closed. */
  readonly idleMs: number;
  /** Certificate and key, and a CA when senders must show a certificate; undefined = without TLS. */
  readonly tls?: Pick<TlsOptions, "cert" | "key" | "ca">;
}

export const TCP_DEFAULTS = { maxConnections: 1_024, idleMs: 15 * 60_000 };
const HANDSHAKE_MS = 10_000;
/** How long senders have to close their side when we stop. */
const LAST_WORDS_MS = 500;

/** A listening socket that takes in syslog. */
export interface TcpDoor {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Syslog over TCP (RFC 6587) or TLS (RFC 5425). Nothing is dropped: while the queue of a sender's token is full, its
 * connections are not read, so that TCP makes the sender wait. The protocol has no acknowledgement: what a sender has handed
 * to its kernel is gone when the connection breaks. @throws Error when the address cannot be bound
 */
export async function openTcpDoor(intake: LineIntake, host: string, port: number, options: TcpDoorOptions): Promise<TcpDoor> {
  const connections = new Set<Socket>();
  const accept = (socket: Socket): void => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
    receive(intake, socket, options.idleMs);
  };
  const server: Server = options.tls === undefined ? createServer(accept) : tlsServer(options.tls, accept);
  // TLS connections count from their first byte on, before the handshake that may never end.
  server.maxConnections = options.maxConnections;
  server.on("drop", () => intake.losses.count("rejected", "unknown", 0, `there are ${options.maxConnections} connections already`));
  server.listen(port, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of connections) socket.end();
      const timer = setTimeout(() => {
        for (const socket of connections) socket.destroy();
      }, LAST_WORDS_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

function tlsServer(tls: NonNullable<TcpDoorOptions["tls"]>, accept: (socket: Socket) => void): Server {
  const server = createTlsServer({
    ...tls,
    handshakeTimeout: HANDSHAKE_MS,
    minVersion: "TLSv1.2",
    requestCert: tls.ca !== undefined,
    rejectUnauthorized: true,
  });
  server.on("secureConnection", accept);
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return server;
}

function receive(intake: LineIntake, socket: Socket, idleMs: number): void {
  const address = socket.remoteAddress ?? "";
  const peer = plainAddress(address);
  let sender = intake.senderAt(address, 1);
  const framer = new SyslogFramer((line, isCut) => {
    if (sender !== undefined) intake.take(sender, peer, line, isCut);
  });
  let isWaiting = false;
  let isBroken = sender === undefined;
  socket.on("error", () => undefined); // "close" follows
  socket.setTimeout(idleMs, () => {
    if (!isWaiting) socket.destroy();
  });
  if (isBroken) {
    socket.destroy();
    return;
  }
  socket.on("data", (chunk) => {
    sender = intake.senderAt(address, 1); // the file of senders may have changed
    try {
      if (sender === undefined) throw new FramingError("no longer known");
      framer.push(chunk as Buffer);
    } catch (error) {
      isBroken = true;
      socket.destroy();
      if (!(error instanceof FramingError)) throw error;
      if (sender !== undefined) intake.losses.count("rejected", sender.token.id, 1, `${peer}: ${error.message}`);
      return;
    }
    if (intake.batcher.hasRoom(sender.token)) return;
    isWaiting = true;
    socket.pause();
    void intake.batcher.whenRoom(sender.token).then(() => {
      isWaiting = false;
      socket.resume();
    });
  });
  socket.once("close", () => {
    if (!isBroken) framer.end();
  });
}
