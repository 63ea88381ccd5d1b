import { connect } from "node:net";
import { abortableSleep } from "./abortable-sleep.ts";
import type { ProbeRound, ProbeTarget } from "./probe-round.ts";

/**
 * A round of TCP connections: the time from SYN to the answer. A refusal is an answer, for it came over the link; the rest
 * (no answer in time, no route, a name that is not known) is loss. The system repeats a lost SYN after a second: with a
 * timeout below that, loss is the loss of packets.
 */
export async function tcpRound(target: ProbeTarget, stop: AbortSignal): Promise<ProbeRound> {
  const attempts: Promise<number>[] = [];
  for (let i = 0; i < target.count && !stop.aborted; i++) {
    attempts.push(connectTimeMs(target));
    await abortableSleep(target.spacingMs, stop);
  }
  const rttMs = await Promise.all(attempts);
  return { sent: rttMs.length, rttMs };
}

function connectTimeMs({ host, port, timeoutMs }: ProbeTarget): Promise<number> {
  return new Promise((resolve) => {
    const start = performance.now();
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (isAnswer: boolean): void => {
      const took = performance.now() - start;
      socket.destroy();
      resolve(isAnswer && took <= timeoutMs ? took : Number.NaN);
    };
    socket.once("connect", () => end(true));
    socket.once("timeout", () => end(false));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code === "ECONNREFUSED"));
  });
}
