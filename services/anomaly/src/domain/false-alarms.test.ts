import { seededNormal, seededRandom } from "@yunwei/series";
import { describe, expect, it } from "vitest";
import { Detector } from "./detector.ts";
import { identify } from "./series-identity.ts";

const STEP = 15_000;
const PER_DAY = 5760;
const START = 1_700_000_000_000;
const DAYS = 3;
const SERIES = 10;
/** The first day is warm-up. */
const MAX_OPENS_PER_SERIES_DAY = 0.1;

/** A daily curve of any phase and height with noise: what `shape` makes of the day, an AR(1) noise, and a burst. */
function generator(seed: number, shape: (day: number, noise: number, burst: number, random: () => number) => number): (i: number) => number {
  const random = seededRandom(seed);
  const normal = seededNormal(random);
  const phi = 0.5 + 0.45 * random();
  const amplitude = 0.1 + 0.4 * random();
  const phase = 2 * Math.PI * random();
  let noise = 0;
  let burst = 0;
  return (i) => {
    noise = phi * noise + Math.sqrt(1 - phi * phi) * normal();
    burst = random() < 0.002 ? 2 + 6 * random() : burst * 0.6;
    const day = amplitude * Math.sin((2 * Math.PI * i) / PER_DAY + phase);
    return shape(day, noise, burst, random);
  };
}

const SHAPES = {
  "daily, AR(1) noise": (day: number, noise: number) => 1 + day + 0.05 * noise,
  "daily with bursts": (day: number, noise: number, burst: number) => 1 + day + 0.05 * (noise + burst),
  "skewed like a latency": (day: number, noise: number) => 0.1 * Math.exp(0.3 * noise + day),
  "rare counts": (_day: number, _noise: number, _burst: number, random: () => number) => (random() < 0.01 ? 1 + Math.floor(3 * random()) : 0),
} as const;

function seriesOf(id: number) {
  const seriesId = id.toString(16).padStart(16, "0");
  const place = { service: "", site: "", tier: "", department: "", source: "s", labels: {} };
  return identify({ seriesId, metric: "some.errors.gauge", unit: "1", reading: "gauge", entity: "host:h", ...place });
}

describe.each(Object.entries(SHAPES))("%s", (_name, shape) => {
  it(`opens at most ${MAX_OPENS_PER_SERIES_DAY} times a series and day after its first day`, () => {
    let opens = 0;
    for (let k = 0; k < SERIES; k++) {
      const detector = new Detector();
      const slot = detector.register(seriesOf(k));
      const next = generator(100 + k, shape);
      for (let i = 0; i < DAYS * PER_DAY; i++) detector.observe(slot, START + i * STEP, next(i));
      opens += detector.drain().filter(({ state, timeMs }) => state === "open" && timeMs >= START + PER_DAY * STEP).length;
    }
    expect(opens / (SERIES * (DAYS - 1))).toBeLessThanOrEqual(MAX_OPENS_PER_SERIES_DAY);
  });
});

describe("after a day of daily noise", () => {
  const faults = {
    step: () => 1.5,
    spike: (since: number) => (since === 0 ? 2.5 : 0),
    ramp: (since: number) => 0.5 * (since + 1),
    dropout: () => -1.2,
  };

  it.each(Object.entries(faults))("finds a %s within three points, on every series", (_name, fault) => {
    for (let k = 0; k < 5; k++) {
      const detector = new Detector();
      const slot = detector.register(seriesOf(k));
      const next = generator(500 + k, SHAPES["daily, AR(1) noise"]);
      for (let i = 0; i < PER_DAY + 3; i++) detector.observe(slot, START + i * STEP, next(i) + (i >= PER_DAY ? fault(i - PER_DAY) : 0));
      const opened = detector.drain().filter(({ state, timeMs }) => state === "open" && timeMs >= START + PER_DAY * STEP);
      expect(opened).toHaveLength(1);
    }
  });
});
