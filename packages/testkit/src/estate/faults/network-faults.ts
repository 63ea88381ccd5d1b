import type { CauseMode, EntityKey } from "@yunwei/schemas";
import { TELEMETRY_FLOWS } from "../effects.ts";
import type { Estate, EstateLink } from "../estate.ts";
import { chooseVictim, edgesOverLink } from "./choose-victim.ts";
import type { FaultPlan, FaultPlanner } from "./fault.ts";

const linkKey = (link: EstateLink): EntityKey => `link:${link.id}`;
const usedLinks = (estate: Estate): EstateLink[] => estate.links.filter((link) => edgesOverLink(estate, link.index).length > 0);

function linkPlan(estate: Estate, victim: EstateLink, mode: CauseMode, apply: FaultPlan["apply"]): FaultPlan {
  return { entity: linkKey(victim), alternatives: edgesOverLink(estate, victim.index), mode, apply };
}

/** Packets over a link take longer, as after a reroute or with a full queue. */
export const planNetworkDelay: FaultPlanner = (estate, random, target) => {
  const victim = chooseVictim(random, target, usedLinks(estate), estate.links, linkKey);
  const delayMs = random.between(30, 90);
  return linkPlan(estate, victim, "network_delay", (effects, stepsIn) => {
    effects.linkDelayMs[victim.index] = delayMs * Math.min(1, 0.7 + 0.3 * stepsIn);
  });
};

/** A link loses packets: calls wait for retransmissions and some fail. */
export const planNetworkLoss: FaultPlanner = (estate, random, target) => {
  const victim = chooseVictim(random, target, usedLinks(estate), estate.links, linkKey);
  const loss = random.between(0.12, 0.25);
  return linkPlan(estate, victim, "network_loss", (effects) => {
    effects.linkLoss[victim.index] = loss;
    effects.linkDelayMs[victim.index] = 0.5;
  });
};

/** A link is cut. A city's telemetry comes over the same line: it arrives late by a detour, or is lost. */
export const planLinkDown: FaultPlanner = (estate, random, target) => {
  const victim = chooseVictim(random, target, usedLinks(estate), estate.links, linkKey);
  const far = victim.between.find((site) => estate.sites[site]!.tier === "backbone");
  const flow = TELEMETRY_FLOWS.indexOf(random.uniform() < 0.6 ? "late" : "missing");
  return linkPlan(estate, victim, "link_down", (effects) => {
    effects.linkDown[victim.index] = 1;
    if (far !== undefined) effects.telemetry[far] = flow;
  });
};

/** All racks of a site lose power at once. */
export const planSitePowerLoss: FaultPlanner = (estate, random, target) => {
  const cities = estate.sites.filter((site) => site.tier === "backbone");
  const victim = chooseVictim(random, target, cities, estate.sites, (site): EntityKey => `site:${site.id}`);
  return {
    entity: `site:${victim.id}`,
    alternatives: estate.racks.filter((rack) => rack.site === victim.index).map((rack): EntityKey => `rack:${rack.id}`),
    mode: "power_loss",
    apply: (effects) => {
      effects.powerOff[victim.index] = 1;
    },
  };
};
