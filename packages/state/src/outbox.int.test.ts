import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { YunweiError } from "@yunwei/schemas";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type EmbeddedState, openEmbeddedState } from "./embedded-state.ts";
import { migrate } from "./migrate.ts";
import { type OutboxMessage, type Publisher, startOutbox } from "./outbox.ts";

const silent = () => undefined;
const logger = { debug: silent, info: silent, warn: silent, error: silent };
const text = (value: string): OutboxMessage => ({ key: "k", value: new TextEncoder().encode(value), headers: { h: "1" } });

let base: string;
let state: EmbeddedState;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "yunwei-outbox-"));
  state = await openEmbeddedState({ folder: join(base, "pg"), logger });
  await migrate(state, resolve(import.meta.dirname, "../../../schemas/postgres"));
});
afterAll(async () => {
  await state.close();
  await rm(base, { recursive: true, force: true });
});
beforeEach(async () => {
  await state.query("DELETE FROM outbox");
});

/** A destination in memory whose moods the test sets. */
function memoryPublisher(): Publisher & { readonly seen: string[]; mood: (topic: string, messages: readonly OutboxMessage[]) => void } {
  const seen: string[] = [];
  return {
    seen,
    mood: silent,
    async publish(topic, messages) {
      this.mood(topic, messages);
      for (const message of messages) seen.push(`${topic}/${message.key}/${new TextDecoder().decode(message.value)}/${message.headers?.["h"]}`);
    },
  };
}
const waiting = async () => Number((await state.query<{ n: string }>("SELECT count(*) AS n FROM outbox"))[0]!.n);

describe("startOutbox", () => {
  it("publishes what committed, in order, at once, and deletes it", async () => {
    const bus = memoryPublisher();
    const outbox = startOutbox({ state, bus, logger, producer: "test" });
    const startedMs = performance.now();
    await outbox.transaction((tx) => outbox.enqueue(tx, "t", [text("1"), text("2")]));
    await outbox.transaction((tx) => outbox.enqueue(tx, "u", [text("3")]));
    await expect.poll(() => bus.seen, { interval: 5 }).toEqual(["t/k/1/1", "t/k/2/1", "u/k/3/1"]);
    expect(performance.now() - startedMs).toBeLessThan(900); // woken, not ticked
    await outbox.close();
    expect(await waiting()).toBe(0);
  });

  it("says nothing of a transaction that failed", async () => {
    const bus = memoryPublisher();
    const outbox = startOutbox({ state, bus, logger, producer: "test" });
    const failing = outbox.transaction(async (tx) => {
      await outbox.enqueue(tx, "t", [text("never")]);
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await outbox.transaction((tx) => outbox.enqueue(tx, "t", [text("after")]));
    await expect.poll(() => bus.seen).toEqual(["t/k/after/1"]);
    await outbox.close();
  });

  it("waits while the bus is away, then sends everything in order", async () => {
    const bus = memoryPublisher();
    let away = true;
    bus.mood = () => {
      if (away) throw new YunweiError("YUNWEI_BUS_UNAVAILABLE", "away");
    };
    const outbox = startOutbox({ state, bus, logger, producer: "test" });
    for (const value of ["1", "2", "3"]) await outbox.transaction((tx) => outbox.enqueue(tx, "t", [text(value)]));
    expect(await waiting()).toBe(3);
    away = false;
    await expect.poll(() => bus.seen, { timeout: 5000 }).toEqual(["t/k/1/1", "t/k/2/1", "t/k/3/1"]);
    await outbox.close();
  });

  it("takes up what an earlier run left, and only its own producer's", async () => {
    const bus = memoryPublisher();
    const away: Publisher = { publish: async () => Promise.reject(new YunweiError("YUNWEI_BUS_UNAVAILABLE", "away")) };
    for (const producer of ["mine", "other"]) {
      const before = startOutbox({ state, bus: away, logger, producer });
      await before.transaction((tx) => before.enqueue(tx, "t", [text(producer)]));
      await before.close();
    }
    const outbox = startOutbox({ state, bus, logger, producer: "mine" });
    await expect.poll(() => bus.seen).toEqual(["t/k/mine/1"]);
    await outbox.close();
    expect(await waiting()).toBe(1);
  });

  it("sets a message aside that the bus refuses for good, and lets the others pass", async () => {
    const bus = memoryPublisher();
    bus.mood = (_, messages) => {
      if (messages.some((message) => message.value.length > 5)) throw new YunweiError("YUNWEI_BUS_MESSAGE_TOO_LARGE", "too large");
    };
    const outbox = startOutbox({ state, bus, logger, producer: "test" });
    await outbox.transaction((tx) => outbox.enqueue(tx, "t", [text("1"), text("enormous"), text("2")]));
    await expect.poll(() => bus.seen).toEqual(["t/k/1/1", "t/k/2/1"]);
    await outbox.close();
    expect(await state.query("SELECT refused FROM outbox")).toEqual([{ refused: "YUNWEI_BUS_MESSAGE_TOO_LARGE" }]);
  });
});
