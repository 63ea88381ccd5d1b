import { setTimeout as sleep } from "node:timers/promises";
import type { FaultyLink } from "@yunwei/testkit";
import { expect, it } from "vitest";
import type { Bus } from "../bus.ts";
import type { KafkaDriverName } from "./kafka-bus.ts";

export interface PublishOnceOptions {
  readonly driver: KafkaDriverName;
  /** In front of the broker, which tells clients to come this way. */
  readonly link: FaultyLink;
  /** The broker's own. */
  readonly port: number;
  /** A bus over the link. */
  readonly open: () => Promise<Bus>;
}

/** Long enough for a broker to store what it was sent. */
const STORED_MS = 700;
/** Away for longer than a driver repeats by itself. */
const AWAY_MS = 9_000;
/** A port on which nobody listens: the link takes connections and closes them, as in front of a dead broker. */
const NOBODY = 1;

/** A send of which nobody knows whether it was stored is repeated until that is known: under the same numbers, so that the broker can tell. */
export function publishOnce({ driver, link, port, open }: PublishOnceOptions): void {
  it(`KafkaBus on ${driver} stores once what a broker had taken when it went away without an answer`, async () => {
    const bus = await open();
    const topic = `once-${driver}-${process.pid}`;
    await bus.ensureTopics([{ name: topic, producer: "test", consumers: [], partitions: 2, retentionHours: 1, retentionBytes: 1 << 30 }]);
    const publish = (from: number, count: number) =>
      bus.publish(
        topic,
        Array.from({ length: count }, (_, i) => ({ key: `k${from + i}`, value: Buffer.from(String(from + i)) })),
      );
    await publish(0, 10);
    for (const round of [1, 2]) {
      link.cut("mute");
      const unknown = publish(10 * round, 5);
      await sleep(STORED_MS);
      link.cut("reset");
      if (round > 1) link.aim(NOBODY);
      if (round > 1) link.heal();
      const later = publish(10 * round + 5, 5);
      await sleep(AWAY_MS);
      link.aim(port);
      link.heal();
      await unknown;
      await later;
    }
    const seen: number[] = [];
    const subscription = await bus.subscribe({ topic, groupId: "g", from: "earliest" }, async (batch) => {
      seen.push(...batch.map(({ value }) => Number(Buffer.from(value).toString())));
    });
    await expect.poll(() => new Set(seen).size, { timeout: 30_000 }).toBe(30);
    await expect.poll(() => subscription.lag(), { timeout: 10_000 }).toBe(0);
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    await subscription.close();
    await bus.close();
  });
}
