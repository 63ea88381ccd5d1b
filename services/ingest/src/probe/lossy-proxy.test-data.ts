import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";

export interface LossyProxy {
  readonly port: number;
  close(): void;
}

export interface Faults {
  /** Which of `every` packets towards the target are lost, chosen by `seed`: exactly `lost` of each run of `every`. */
  readonly every: number;
  readonly lost: number;
  readonly seed: number;
  /** One way, towards the target. */
  readonly delayMs: number;
  /** Every so many answers come twice; 0 = none. */
  readonly doubled: number;
}

/** A stretch of network between one sender and a UDP service: it loses, delays and doubles. */
export async function lossyProxy(targetPort: number, { every, lost, seed, delayMs, doubled }: Faults): Promise<LossyProxy> {
  const outer = createSocket("udp4");
  const inner = createSocket("udp4");
  outer.bind(0, "127.0.0.1");
  inner.bind(0, "127.0.0.1");
  await Promise.all([once(outer, "listening"), once(inner, "listening")]);
  const unlucky = choose(every, lost, seed);
  let sender: RemoteInfo | undefined;
  let isOpen = true;
  let packets = 0;
  let answers = 0;
  outer.on("message", (packet, from) => {
    sender = from;
    if (!unlucky.has(packets++ % every)) setTimeout(() => isOpen && inner.send(packet, targetPort, "127.0.0.1"), delayMs);
  });
  inner.on("message", (packet) => {
    const copies = doubled > 0 && answers++ % doubled === 0 ? 2 : 1;
    for (let i = 0; i < copies; i++) outer.send(packet, sender!.port, sender!.address);
  });
  return {
    port: outer.address().port,
    close: () => {
      isOpen = false;
      outer.close();
      inner.close();
    },
  };
}

/** `many` of the numbers below `below`, by a linear congruential generator. */
function choose(below: number, many: number, seed: number): ReadonlySet<number> {
  const chosen = new Set<number>();
  for (let state = seed; chosen.size < many; ) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    chosen.add(state % below);
  }
  return chosen;
}
