import type { Server } from "node:http";
import { YunweiError } from "@yunwei/schemas";

/** How many ports after the wanted one are tried before any free one is taken. */
const NEIGHBOURS = 20;

/**
 * Listens on `port`, or, when it is taken, on the next free one.
 * @param exact - true when a person asked for this port: then a taken one is an error
 * @returns the port in use
 * @throws YunweiError YUNWEI_ENGINE_FAILED when the exact port is taken
 */
export function listenNear(server: Server, host: string, port: number, exact: boolean): Promise<number> {
  return near(host, port, exact, (candidate) => tryListen(server, host, candidate));
}

/** The same for a server that binds by itself: `bind` gives the port in use and rejects for a taken one. */
export function bindNear(bind: (host: string, port: number) => Promise<number>, host: string, port: number, exact: boolean): Promise<number> {
  return near(host, port, exact, (candidate) => bind(host, candidate).catch(() => undefined));
}

async function near(host: string, port: number, exact: boolean, attempt: (port: number) => Promise<number | undefined>): Promise<number> {
  const candidates = exact || port === 0 ? [port] : [...Array.from({ length: NEIGHBOURS }, (_, i) => port + i), 0];
  for (const candidate of candidates) {
    const got = await attempt(candidate);
    if (got !== undefined) return got;
  }
  throw new YunweiError("YUNWEI_ENGINE_FAILED", `port ${port} on ${host} is taken: choose another, or leave it out to get a free one`);
}

function tryListen(server: Server, host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      server.off("listening", onListening);
      if (error.code === "EADDRINUSE" || error.code === "EACCES") resolve(undefined);
      else reject(error);
    };
    const onListening = (): void => {
      server.off("error", onError);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    };
    server.once("error", onError);
    server.once("listening", onListening);
    server.listen(port, host);
  });
}
