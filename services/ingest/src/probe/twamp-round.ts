import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { abortableSleep } from "./abortable-sleep.ts";
import type { ProbeRound, ProbeTarget } from "./probe-round.ts";
import { readReflection, stampOf, testPacket } from "./twamp-packet.ts";

/** A packet on its way. */
interface Flight {
  readonly stamp: bigint;
  readonly sentAt: number;
}

/**
 * A session-sender's round (RFC 5357 §4.1, appendix I). Round-trip time is our clock's, less the time that the reflector
 * says it had the packet. An answer counts once, and only with our own timestamp in it: it cannot be made up by one who
 * does not see the packets.
 */
export async function twampRound(target: ProbeTarget, stop: AbortSignal): Promise<ProbeRound> {
  const rttMs: number[] = [];
  const flights: Flight[] = [];
  let socket: Socket | undefined;
  try {
    socket = await connected(target);
    socket.on("message", (bytes) => land(bytes, performance.now(), flights, rttMs));
    for (let sequence = 0; sequence < target.count && !stop.aborted; sequence++) {
      const sentAt = performance.now();
      const packet = testPacket(sequence, performance.timeOrigin + sentAt);
      flights.push({ stamp: stampOf(packet), sentAt });
      rttMs.push(Number.NaN);
      socket.send(packet, () => undefined); // one that cannot be sent is lost
      await abortableSleep(target.spacingMs, stop);
    }
    await allLanded(rttMs, target.timeoutMs, stop);
  } catch {
    while (rttMs.length < target.count) rttMs.push(Number.NaN); // a name that is not known, no route: nothing gets there
  } finally {
    socket?.close();
  }
  return { sent: rttMs.length, rttMs };
}

async function connected({ host, port }: ProbeTarget): Promise<Socket> {
  const { address, family } = await lookup(host);
  const socket = createSocket(family === 6 ? "udp6" : "udp4");
  socket.on("error", () => undefined); // "port unreachable": the packets are lost
  const ready = once(socket, "connect");
  socket.connect(port, address);
  await ready;
  return socket;
}

function land(bytes: Buffer, nowMs: number, flights: readonly Flight[], rttMs: number[]): void {
  const reflection = readReflection(bytes);
  const flight = reflection === undefined ? undefined : flights[reflection.sequence];
  if (reflection === undefined || flight?.stamp !== reflection.stamp || !Number.isNaN(rttMs[reflection.sequence])) return;
  const whole = nowMs - flight.sentAt;
  const isPlausible = reflection.heldMs >= 0 && reflection.heldMs <= whole;
  rttMs[reflection.sequence] = isPlausible ? whole - reflection.heldMs : whole;
}

async function allLanded(rttMs: readonly number[], timeoutMs: number, stop: AbortSignal): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (rttMs.some(Number.isNaN) && performance.now() < deadline && !stop.aborted) await abortableSleep(Math.min(20, timeoutMs), stop);
}
