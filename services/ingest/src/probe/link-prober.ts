import { type GaugeReading, writeGaugeRequest } from "@yunwei/otlp";
import { ATTR, METRIC } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";
import type { Admission } from "../gateway/admission.ts";
import { LossCounter } from "../log-door/loss-counter.ts";
import { abortableSleep } from "./abortable-sleep.ts";
import { figuresOf, type ProbeRound, type RunRound } from "./probe-round.ts";
import type { LinkProbe } from "./probe-settings.ts";
import { tcpRound } from "./tcp-round.ts";
import { twampRound } from "./twamp-round.ts";

const SCOPE = "yunwei.probe";
/** Beside the names of METRIC: extremes of a round, and the variation of delay. */
const RTT_MIN = "yunwei.link.rtt.min";
const RTT_MAX = "yunwei.link.rtt.max";
const JITTER = "yunwei.link.jitter";
const TRIES = 4;
const FIRST_PAUSE_MS = 250;
const ROUNDS: Readonly<Record<LinkProbe["kind"], RunRound>> = { twamp: twampRound, tcp: tcpRound };

export interface LinkProberOptions {
  readonly admission: Admission;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/** Probes paths, each at its own pace, and sends what it finds as gauges of the link. */
export class LinkProber {
  readonly losses: LossCounter;
  readonly #options: LinkProberOptions;
  #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: LinkProberOptions) {
    this.#options = options;
    this.losses = new LossCounter("probe", options.logger, options.nowMs, "metrics");
  }

  /** Probes these paths from now on, and no others. */
  use(probes: readonly LinkProbe[]): void {
    this.#stop.abort();
    const stop = new AbortController();
    this.#stop = stop;
    // Starts are spread over an interval, so that rounds do not disturb each other.
    const loops = probes.map((probe, i) => this.#loop(probe, (probe.intervalMs * i) / probes.length, stop.signal));
    this.#running = Promise.all([this.#running, ...loops]);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #loop(probe: LinkProbe, delayMs: number, stop: AbortSignal): Promise<void> {
    await abortableSleep(delayMs, stop);
    while (!stop.aborted) {
      const start = performance.now();
      const round = await ROUNDS[probe.kind](probe, stop);
      // A round that was broken off would show loss that there was not.
      if (!stop.aborted) await this.#send(probe, round, stop);
      await abortableSleep(Math.max(0, probe.intervalMs - (performance.now() - start)), stop);
    }
  }

  async #send(probe: LinkProbe, round: ProbeRound, stop: AbortSignal): Promise<void> {
    const { admission, nowMs } = this.#options;
    const readings = readingsOf(round);
    const body = linkRequest(probe, readings, nowMs());
    for (let tries = 1; ; tries++) {
      try {
        await admission.take({
          protocol: "probe",
          signal: "metrics",
          encoding: "protobuf",
          body,
          contentEncoding: "",
          token: probe.token,
          receivedMs: nowMs(),
        });
        return;
      } catch (error) {
        if (tries === TRIES || stop.aborted) {
          this.losses.count("dropped", probe.token.id, readings.length, error instanceof Error ? error.message : String(error));
          return;
        }
        await abortableSleep(FIRST_PAUSE_MS * 2 ** tries, stop);
      }
    }
  }
}

/** What a round says of the link; a time that was not measured is left out. */
export function readingsOf(round: ProbeRound): GaugeReading[] {
  const { lossRatio, minS, meanS, maxS, jitterS } = figuresOf(round);
  const readings = [
    { name: METRIC.linkRtt, unit: "s", value: meanS },
    { name: RTT_MIN, unit: "s", value: minS },
    { name: RTT_MAX, unit: "s", value: maxS },
    { name: JITTER, unit: "s", value: jitterS },
    { name: METRIC.linkLoss, unit: "1", value: lossRatio },
    { name: METRIC.linkUp, unit: "1", value: lossRatio < 1 ? 1 : 0 },
  ];
  return readings.filter(({ value }) => !Number.isNaN(value));
}

function linkRequest({ link, fromSite, toSite, kind }: LinkProbe, readings: readonly GaugeReading[], timeMs: number): Uint8Array {
  const resource = { [ATTR.entityType]: "link", [ATTR.entityId]: link, [ATTR.site]: fromSite };
  const point = { "yunwei.link.source_site": fromSite, "yunwei.link.destination_site": toSite, "yunwei.probe.kind": kind };
  return writeGaugeRequest(SCOPE, resource, readings, point, timeMs);
}
