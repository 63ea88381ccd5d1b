import { setTimeout as sleep } from "node:timers/promises";
import type { BenchOptions } from "../bench.ts";
import { type BenchRow, informative } from "../bench-row.ts";
import { memoryUse, processTree } from "../process/process-usage.ts";
import { openProductSide, type ProductSide } from "../spine/product-side.ts";
import { checkRows, measureWork, type SpineWork } from "../spine/spine-side.ts";
import { EndlessFeed } from "./endless-feed.ts";
import { goalRow } from "./goals.ts";
import type { IngestPart } from "./ingest-part.ts";
import { sendWhile } from "./send-while.ts";
import { slope } from "./slope.ts";
import { type Opened, withOpened } from "./with-opened.ts";

const SEED = 61;
const SERIES = 32_000;
/** Memory grows for about three minutes until V8 collects all buffers for the first time: half of the run must come after that. */
const NORMAL = { minutes: 6, rounds: 40, shortRun: 3_000_000 };
const SHORT = { minutes: 1 / 3, rounds: 8, shortRun: 400_000 };
/** Event time runs ahead of the clock, so it begins in the past: the oldest that is taken in is 13 days old. */
const BEGIN_BEFORE_MS = 12 * 86_400_000;
const SAMPLE_MS = 5_000;

/** Minutes at full speed, with the merges that they cause, against a short run of the same feed; per CPU second. */
export const sustainedPart: IngestPart = {
  name: "sustained",
  goals: ["sustained"],
  run: (options) => withOpened((opened) => run(opened, options)),
};

async function run(opened: Opened, { short, tell, stop, sustainedMinutes }: BenchOptions): Promise<BenchRow[]> {
  const amounts = short ? SHORT : NORMAL;
  const minutes = sustainedMinutes ?? amounts.minutes;
  const feed = new EndlessFeed(SERIES, amounts.rounds, SEED, Date.now() - BEGIN_BEFORE_MS);
  const product = opened.add(await openProductSide());
  const work = (wanted: (items: number) => boolean): Promise<SpineWork> => sendAll(product, feed, (items) => stop?.aborted !== true && wanted(items));
  const warmUp = await work((items) => items < amounts.shortRun / 4);
  const brief = await work((items) => items < amounts.shortRun);
  tell(`sustained: the short run: ${inWords(brief)}`);
  const begun = performance.now();
  const memory = watchMemory(product.pid, (minute, mebibytes) => tell(`sustained: minute ${minute.toFixed(0)}, ${mebibytes.toFixed(0)} MiB`));
  const long = await work(() => performance.now() - begun < minutes * 60_000).finally(() => memory.end());
  stop?.throwIfAborted();
  tell(`sustained: ${minutes.toFixed(1)} min: ${inWords(long)}`);
  await checkRows(product, "metrics", warmUp.items + brief.items + long.items);
  return sustainedRows(brief, long, memory.samples, minutes);
}

function sendAll(product: ProductSide, feed: EndlessFeed, wanted: (items: number) => boolean): Promise<SpineWork> {
  return measureWork(product.pid, async () => {
    const begun = performance.now();
    const items = await sendWhile(feed, { send: (body) => product.send("metrics", body), lag: () => product.lag() }, wanted);
    await product.queryable("metrics");
    const seconds = (performance.now() - begun) / 1000;
    await product.idle();
    return { items, seconds };
  });
}

function inWords({ items, seconds, cpuSeconds }: SpineWork): string {
  return `${items} points, ${(items / seconds).toFixed(0)}/s, ${((cpuSeconds / items) * 1e6).toFixed(2)} CPU us a point`;
}

type Sample = readonly [minute: number, mebibytes: number];

/** Memory of a process and its children, every five seconds until `end`. */
function watchMemory(pid: number, tell: (...sample: Sample) => void): { readonly samples: readonly Sample[]; end(): void } {
  const ending = new AbortController();
  const samples: Sample[] = [];
  const begun = performance.now();
  const watch = async (): Promise<void> => {
    let told = 0;
    while (!ending.signal.aborted) {
      const { rssBytes } = await memoryUse(await processTree(pid));
      const sample: Sample = [(performance.now() - begun) / 60_000, rssBytes / 2 ** 20];
      samples.push(sample);
      if (sample[0] >= told) tell(...sample);
      if (sample[0] >= told) told++;
      await sleep(SAMPLE_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  };
  void watch();
  return { samples, end: () => ending.abort() };
}

/** @param samples - (minute, MiB): the line through those of the second half tells whether memory is flat */
export function sustainedRows(brief: SpineWork, long: SpineWork, samples: readonly Sample[], minutes: number): BenchRow[] {
  const perCpuSecond = ({ items, cpuSeconds }: SpineWork): number => items / cpuSeconds;
  const late = samples.filter(([minute]) => minute >= minutes / 2 && minute <= minutes);
  return [
    goalRow("sustained", perCpuSecond(long) / perCpuSecond(brief), `${Number(minutes.toFixed(1))} min`),
    informative("sustained.per_second", long.items / long.seconds, "{point}/s"),
    informative("sustained.per_cpu_second", perCpuSecond(long), "{point}/s"),
    informative("sustained.rss", samples.at(-1)?.[1] ?? Number.NaN, "MiBy"),
    informative("sustained.rss_slope", slope(late), "MiBy/min"),
  ];
}
