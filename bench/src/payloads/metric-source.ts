import { type Attribute, attributesOf, type Lanes64, unixNano } from "../otlp-objects/otlp-objects.ts";

/** How the value of a series goes on from one collection to the next. */
export interface Walk {
  readonly type: "asInt" | "asDouble";
  next(random: () => number): number;
}

/** A counter: grows by about `perStep` a step, in hundredths when it is a double; `idle` of all steps add nothing. */
export function counter(type: Walk["type"], first: number, perStep: number, idle = 0.2): Walk {
  let value = Math.floor(first);
  return {
    type,
    next(random) {
      if (random() >= idle) value += type === "asInt" ? Math.round(perStep * 2 * random()) : Math.round(perStep * 200 * random()) / 100;
      return type === "asInt" ? value : Math.round(value * 100) / 100;
    },
  };
}

/** A gauge that walks around `center`, by up to `step` at once and in multiples of `grain`; `idle` of all steps leave it as it is. */
export function gauge(type: Walk["type"], center: number, step: number, grain: number, idle = 0.3): Walk {
  let value = center;
  return {
    type,
    next(random) {
      if (random() >= idle) value += step * (2 * random() - 1) + (center - value) * 0.05;
      return Math.max(0, Math.round(value / grain) * grain);
    },
  };
}

/** A value that stays as it is: limits, sizes, states. */
export function constant(value: number): Walk {
  return { type: Number.isInteger(value) ? "asInt" : "asDouble", next: () => value };
}

/** Bounds of HTTP and RPC durations in the semantic conventions, seconds. */
export const DURATION_BOUNDS_S = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

type Point = Record<string, unknown>;
const CUMULATIVE = 2;

/** What one resource reports at each collection: a ResourceMetrics message that is moved on in place. */
export class MetricSource {
  readonly resourceMetrics: { readonly resource: object; readonly scopeMetrics: { scope: object; metrics: object[] }[] };
  points = 0;
  readonly #moves: ((random: () => number, time: Lanes64) => void)[] = [];
  readonly #start: Lanes64;
  #metrics: object[] = [];

  /** @param startMs - when its counters were 0, Unix milliseconds */
  constructor(resource: Readonly<Record<string, Attribute>>, startMs: number) {
    this.resourceMetrics = { resource: { attributes: attributesOf(resource) }, scopeMetrics: [] };
    this.#start = unixNano(startMs);
  }

  /** Begins the metrics of one instrumentation scope. */
  scope(name: string, version: string): this {
    this.#metrics = [];
    this.resourceMetrics.scopeMetrics.push({ scope: { name, version }, metrics: this.#metrics });
    return this;
  }

  gauge(name: string, unit: string, points: readonly (readonly [Readonly<Record<string, Attribute>>, Walk])[]): this {
    this.#metrics.push({ name, unit, gauge: { dataPoints: points.map(([labels, walk]) => this.#number(labels, walk, {})) } });
    return this;
  }

  /** A cumulative sum. */
  sum(name: string, unit: string, points: readonly (readonly [Readonly<Record<string, Attribute>>, Walk])[], isMonotonic = true): this {
    const dataPoints = points.map(([labels, walk]) => this.#number(labels, walk, { startTimeUnixNano: this.#start }));
    this.#metrics.push({ name, unit, sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic } });
    return this;
  }

  /** Cumulative histograms of durations; `perStep` observations a step around `typicalS` seconds. */
  durations(name: string, points: readonly (readonly [Readonly<Record<string, Attribute>>, { readonly perStep: number; readonly typicalS: number }])[]): this {
    const dataPoints = points.map(([labels, load]) => this.#histogram(labels, load));
    this.#metrics.push({ name, unit: "s", histogram: { dataPoints, aggregationTemporality: CUMULATIVE } });
    return this;
  }

  /** Moves every point on to the collection at `time`. */
  move(random: () => number, time: Lanes64): void {
    for (const move of this.#moves) move(random, time);
  }

  #number(labels: Readonly<Record<string, Attribute>>, walk: Walk, more: Point): Point {
    const point: Point = { ...more, attributes: attributesOf(labels) };
    this.points++;
    this.#moves.push((random, time) => {
      point["timeUnixNano"] = time;
      point[walk.type] = walk.next(random);
    });
    return point;
  }

  #histogram(labels: Readonly<Record<string, Attribute>>, { perStep, typicalS }: { readonly perStep: number; readonly typicalS: number }): Point {
    const bucketCounts = new Array<number>(DURATION_BOUNDS_S.length + 1).fill(0);
    const point: Point = {
      attributes: attributesOf(labels),
      startTimeUnixNano: this.#start,
      bucketCounts,
      explicitBounds: DURATION_BOUNDS_S,
      sum: 0,
      count: 0,
      min: typicalS / 10,
      max: 0,
    };
    this.points++;
    this.#moves.push((random, time) => {
      point["timeUnixNano"] = time;
      for (let left = Math.round(perStep * 2 * random()); left > 0; left--) observe(point, bucketCounts, -typicalS * Math.log(1 - random()));
    });
    return point;
  }
}

function observe(point: Point, bucketCounts: number[], seconds: number): void {
  const bucket = DURATION_BOUNDS_S.findIndex((bound) => seconds <= bound);
  bucketCounts[bucket < 0 ? DURATION_BOUNDS_S.length : bucket]!++;
  point["count"] = (point["count"] as number) + 1;
  point["sum"] = (point["sum"] as number) + seconds;
  point["max"] = Math.max(point["max"] as number, seconds);
}
