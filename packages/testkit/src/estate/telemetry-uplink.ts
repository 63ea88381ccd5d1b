import type { Signal } from "@yunwei/schemas";
import { RequestPacker } from "../otlp-writer/index.ts";
import { type Effects, TELEMETRY_FLOWS } from "./effects.ts";
import type { Estate } from "./estate.ts";
import { Random } from "./random.ts";

/** One encoded Export*ServiceRequest (protobuf, uncompressed) as the collector of a site sends it. */
export interface EstateRequest {
  readonly signal: Signal;
  readonly site: string;
  readonly body: Uint8Array;
}

const SIGNALS: readonly Signal[] = ["metrics", "traces", "logs"];
/** Steps that telemetry takes over the detour. */
const LATE_STEPS = 3;
/** Requests that get lost on an ordinary day. */
const LOST_SHARE = 0.0012;

/** The way from the collectors of the sites to the gateway: packs, loses a little, and delays what has to make a detour. */
export class TelemetryUplink {
  private readonly estate: Estate;
  private readonly effects: Effects;
  private readonly packers: readonly (readonly RequestPacker[])[];
  private readonly random = new Random();
  private waiting: { readonly site: number; readonly dueStep: number; readonly request: EstateRequest }[] = [];

  constructor(estate: Estate, effects: Effects, maxRequestBytes: number) {
    this.estate = estate;
    this.effects = effects;
    this.packers = estate.sites.map(() => SIGNALS.map(() => new RequestPacker(maxRequestBytes)));
  }

  packer(site: number, signal: Signal): RequestPacker {
    return this.packers[site]![SIGNALS.indexOf(signal)]!;
  }

  /** What arrives in this step: late requests first, then the sites in order. */
  collect(step: number): EstateRequest[] {
    const arrived: EstateRequest[] = [];
    const isDue = (site: number, dueStep: number) => dueStep <= step || this.flowOf(site) === "normal";
    for (const { site, dueStep, request } of this.waiting) if (isDue(site, dueStep)) arrived.push(request);
    this.waiting = this.waiting.filter(({ site, dueStep }) => !isDue(site, dueStep));
    for (const { index, id } of this.estate.sites) {
      SIGNALS.forEach((signal, which) => {
        const bodies = this.packers[index]![which]!.finish();
        this.random.reseed(this.estate.seed, step, index, 1000 + which);
        for (const body of bodies) if (this.random.uniform() >= LOST_SHARE) this.send(index, step, { signal, site: id, body }, arrived);
      });
    }
    return arrived;
  }

  private send(site: number, step: number, request: EstateRequest, arrived: EstateRequest[]): void {
    const flow = this.flowOf(site);
    if (flow === "normal") arrived.push(request);
    else if (flow === "late") this.waiting.push({ site, dueStep: step + LATE_STEPS, request });
  }

  private flowOf(site: number) {
    return TELEMETRY_FLOWS[this.effects.telemetry[site]!]!;
  }
}
