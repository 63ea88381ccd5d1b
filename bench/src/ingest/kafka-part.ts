import { startKafka } from "@yunwei/testkit";
import type { BenchOptions } from "../bench.ts";
import { type BenchRow, informative } from "../bench-row.ts";
import { median } from "../median.ts";
import { otlpTraffic, type Payload } from "../payloads/otlp-payloads.ts";
import { packed } from "../payloads/pack.ts";
import { openProductSide } from "../spine/product-side.ts";
import { checkRows, measureSide, type SpineSide, type SpineWork } from "../spine/spine-side.ts";
import { goalRow } from "./goals.ts";
import type { IngestPart } from "./ingest-part.ts";
import { type Opened, withOpened } from "./with-opened.ts";

const SEED = 51;
const NORMAL = { turns: 3, requests: 500, warmUp: 400 };
const SHORT = { turns: 1, requests: 100, warmUp: 30 };

/** Metrics through the standalone on a real Apache Kafka against the standalone on its own bus, by turns; the broker is on the same cores. */
export const kafkaPart: IngestPart = {
  name: "kafka",
  goals: ["kafka_vs_embedded"],
  run: (options) => withOpened((opened) => run(opened, options)),
};

async function run(opened: Opened, { short, tell, stop }: BenchOptions): Promise<BenchRow[]> {
  const broker = await startKafka();
  if ("skipped" in broker) {
    tell(`kafka: SKIPPED, ${broker.skipped}`);
    return [goalRow("kafka_vs_embedded", Number.NaN)];
  }
  opened.defer(() => broker.stop());
  const { turns, requests, warmUp } = short ? SHORT : NORMAL;
  const payloads = await packed(otlpTraffic("metrics", warmUp + turns * requests, SEED, Date.now()), stop);
  const sides: readonly SpineSide[] = [
    opened.add(await openProductSide({ YUNWEI_KAFKA_BROKERS: broker.brokers.join(",") }, "Yunwei on Kafka")),
    opened.add(await openProductSide({}, "Yunwei on its own bus")),
  ];
  const works: readonly SpineWork[][] = [[], []];
  for (let turn = -1; turn < turns; turn++) {
    const share = turn < 0 ? payloads.slice(0, warmUp) : payloads.slice(warmUp + turn * requests, warmUp + (turn + 1) * requests);
    for (const [index, side] of sides.entries()) {
      const work = await measureSide(side, "metrics", share, stop);
      if (turn >= 0) works[index]!.push(work);
      tell(
        `kafka, ${turn < 0 ? "warm-up" : `turn ${turn + 1}`}, ${side.name}: ${(work.items / work.seconds).toFixed(0)} points/s, ${((work.cpuSeconds / work.items) * 1e6).toFixed(2)} CPU us a point`,
      );
    }
  }
  for (const side of sides) await checkRows(side, "metrics", itemsOf(payloads));
  return kafkaRows(works[0]!, works[1]!);
}

function itemsOf(payloads: readonly Payload[]): number {
  return payloads.reduce((sum, { items }) => sum + items, 0);
}

/** Rates by the clock on the wall; CPU is that of the standalones alone. */
export function kafkaRows(kafka: readonly SpineWork[], embedded: readonly SpineWork[]): BenchRow[] {
  const rate = ({ items, seconds }: SpineWork): number => items / seconds;
  const perCpuSecond = ({ items, cpuSeconds }: SpineWork): number => items / cpuSeconds;
  return [
    goalRow("kafka_vs_embedded", median(kafka.map((work, turn) => rate(work) / rate(embedded[turn]!)))),
    informative("kafka.per_second", median(kafka.map(rate)), "{point}/s"),
    informative("embedded.per_second", median(embedded.map(rate)), "{point}/s"),
    informative("kafka.per_cpu_second", median(kafka.map(perCpuSecond)), "{point}/s"),
    informative("embedded.per_cpu_second", median(embedded.map(perCpuSecond)), "{point}/s"),
  ];
}
