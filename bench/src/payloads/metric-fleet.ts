import { OTLP_REQUESTS } from "@yunwei/otlp";
import { unixNano } from "../otlp-objects/otlp-objects.ts";
import { appSource } from "./app-source.ts";
import { drawHex, drawInt } from "./draw.ts";
import { hostSource } from "./host-source.ts";
import { podSources } from "./kube-sources.ts";
import type { MetricSource } from "./metric-source.ts";
import type { TimedPayload } from "./payload.ts";

/** Event time between two collections of a series. */
export const COLLECTION_MS = 15_000;
const PODS_PER_NODE = 9;
const APPS_PER_NODE = 2;
/** Points in a request: what the Collector's batch processor hands on. */
const REQUEST_POINTS = 1_400;
const NAMESPACES = ["shop", "payments", "search", "platform", "monitoring"];
const SERVICES = ["frontend", "orders", "users", "catalog", "carts", "payments", "shipping", "ads", "search", "auth", "mail", "currency"];

/** A machine with what runs on it; it is collected at a moment of its own in every 15 s. */
interface Node {
  readonly sources: readonly MetricSource[];
  readonly points: number;
  readonly phaseMs: number;
}

/** A fleet of machines, pods and services whose Collectors send metrics: 45 % of all points from hostmetrics, 50 % from Kubernetes, 5 % histograms of services. */
export class MetricFleet {
  readonly #random: () => number;
  /** Nodes by the request that they travel in, always the same. */
  readonly #requests: Node[][] = [];
  readonly series: number;

  /** @param series - at least as many; each has one point a round. @param nowMs - Unix milliseconds: machines and pods have started before */
  constructor(series: number, random: () => number, nowMs: number) {
    this.#random = random;
    let total = 0;
    let filled = REQUEST_POINTS;
    for (let index = 0; total < series; index++) {
      const node = makeNode(index, random, nowMs);
      if (filled >= REQUEST_POINTS) {
        this.#requests.push([]);
        filled = 0;
      }
      this.#requests.at(-1)!.push(node);
      filled += node.points;
      total += node.points;
    }
    this.series = total;
  }

  get requestsPerRound(): number {
    return this.#requests.length;
  }

  /** The requests of one round of collections, which begins at `roundMs`; rounds are made in the order of time. */
  *round(roundMs: number): Generator<TimedPayload> {
    for (const nodes of this.#requests) {
      const resourceMetrics: object[] = [];
      let items = 0;
      for (const { sources, points, phaseMs } of nodes) {
        const time = unixNano(roundMs + phaseMs);
        for (const source of sources) {
          source.move(this.#random, time);
          resourceMetrics.push(source.resourceMetrics);
        }
        items += points;
      }
      yield { body: OTLP_REQUESTS.metrics.encode({ resourceMetrics }).finish(), items, timesMs: nodes.map(({ phaseMs }) => roundMs + phaseMs) };
    }
  }
}

function makeNode(index: number, random: () => number, nowMs: number): Node {
  const name = `node-${String(index).padStart(5, "0")}`;
  const zone = `cn-east-${1 + (index % 3)}`;
  const sources = [hostSource(name, zone, random, nowMs)];
  for (let pod = 0; pod < PODS_PER_NODE; pod++) {
    const deployment = SERVICES[drawInt(random, SERVICES.length)]!;
    const place = { cluster: `cluster-${index % 4}`, node: name, zone, namespace: NAMESPACES[drawInt(random, NAMESPACES.length)]!, deployment };
    sources.push(...podSources(place, random, nowMs));
    if (pod < APPS_PER_NODE) sources.push(appSource(deployment, `${deployment}-${drawHex(random, 10)}`, name, random, nowMs));
  }
  return { sources, points: sources.reduce((sum, { points }) => sum + points, 0), phaseMs: Math.floor(random() * COLLECTION_MS * 1000) / 1000 };
}
