import { createServer, type Server } from "node:http";

/** A door that is open before there is anybody behind it. */
export interface OtlpDoor {
  readonly server: Server;
  /** Hands requests to the gateway from now on. */
  open(gateway: Server): void;
  close(): Promise<void>;
}

/** A connection that is still busy this long into a close is cut. */
const CLOSE_LIMIT_MS = 2_000;

/** Listens at once, so that the address is known; until the gateway stands, senders are told to come again. */
export function createDoor(): OtlpDoor {
  let gateway: Server | undefined;
  const server = createServer({ requestTimeout: 60_000, headersTimeout: 10_000, keepAliveTimeout: 60_000, maxHeaderSize: 16 * 1024 }, (request, response) => {
    if (gateway !== undefined) gateway.emit("request", request, response);
    else response.writeHead(503, { "retry-after": "1", "content-length": 0 }).end();
  });
  return {
    server,
    open(opened) {
      gateway = opened;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), CLOSE_LIMIT_MS).unref();
      }),
  };
}
