import type { Effects } from "./effects.ts";
import { type Estate, linkPath } from "./estate.ts";
import type { Random } from "./random.ts";

/** Round trip within a site, milliseconds. */
const LOCAL_RTT_MS = 0.3;
/** Packets of a typical call: any one lost delays it by a retransmission timeout. */
const PACKETS_PER_CALL = 6;
const RETRANSMIT_MS = 200;

/** Time on the wire between sites. The result of a crossing is in `gapMs`; it is used at once, never kept. */
export class NetworkModel {
  /** What the last `cross` cost, milliseconds, both directions together. */
  gapMs = 0;
  private readonly estate: Estate;
  private readonly effects: Effects;
  /** By from * sites + to. */
  private readonly paths: readonly (readonly number[])[];

  constructor(estate: Estate, effects: Effects) {
    this.estate = estate;
    this.effects = effects;
    const ids = estate.sites.map((site) => site.index);
    this.paths = ids.flatMap((from) => ids.map((to) => linkPath(estate, from, to)));
  }

  /**
   * Draws the same random numbers whatever state the links are in.
   * @returns "ok", "cut" when there is no way at all, "lost" when retransmissions did not help in time
   */
  cross(from: number, to: number, random: Random): "ok" | "cut" | "lost" {
    const { effects, estate } = this;
    let gapMs = LOCAL_RTT_MS * Math.exp(0.3 * random.normal());
    let result: "ok" | "cut" | "lost" = effects.powerOff[to] ? "cut" : "ok";
    for (const link of this.paths[from * estate.sites.length + to]!) {
      if (effects.linkDown[link]) result = "cut";
      gapMs += estate.links[link]!.rttMs * (1 + 0.06 * random.normal());
      gapMs += 2 * effects.linkDelayMs[link]! * (1 + 0.15 * random.normal());
      const loss = effects.linkLoss[link]!;
      gapMs += retransmissions(loss, random.uniform()) * random.between(1, 1.2);
      if (random.uniform() < loss * 0.5 && result === "ok") result = "lost";
    }
    this.gapMs = Math.max(0.05, gapMs);
    return result;
  }
}

/**
 * Each retransmission waits twice as long as the one before (RFC 6298 section 5.5).
 * @param draw - uniform in [0, 1): the same draw loses more packets on a worse link
 */
function retransmissions(loss: number, draw: number): number {
  let waitMs = 0;
  let chance = 1 - (1 - loss) ** PACKETS_PER_CALL;
  for (let next = RETRANSMIT_MS; next < 2000 && draw < chance; next *= 2) {
    waitMs += next;
    chance *= loss;
  }
  return waitMs;
}
