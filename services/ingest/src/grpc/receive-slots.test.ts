import { describe, expect, it } from "vitest";
import { ReceiveSlots } from "./receive-slots.ts";

const stays = new AbortController().signal;
const refused = { code: "YUNWEI_TOO_MANY_REQUESTS" };
const one = { slots: 1, slotsOfSender: 1, waiting: 5, waitMs: 5_000 };

describe("receive slots", () => {
  it("go to those who wait, first come, first served", async () => {
    const slots = new ReceiveSlots(one);
    const order: string[] = [];
    const first = await slots.take("a", stays);
    const second = slots.take("b", stays).then((giveBack) => {
      order.push("second");
      return giveBack;
    });
    const third = slots.take("a", stays).then(() => order.push("third"));
    first();
    first(); // once is enough
    (await second)();
    await third;
    expect(order).toEqual(["second", "third"]);
  });

  it("are not all for one sender", async () => {
    const slots = new ReceiveSlots({ ...one, slots: 3, slotsOfSender: 2 });
    const mine = await slots.take("a", stays);
    await slots.take("a", stays);
    const order: string[] = [];
    const third = slots.take("a", stays).then(() => order.push("a"));
    await slots.take("b", stays).then(() => order.push("b"));
    const other = slots.take("c", stays).then(() => order.push("c"));
    mine();
    await third;
    expect(order).toEqual(["b", "a"]); // "c" came later, and there is no room
    void other;
  });

  it("refuse whom there is no room for to wait, and who has waited too long", async () => {
    const slots = new ReceiveSlots({ ...one, waiting: 1, waitMs: 20 });
    const giveBack = await slots.take("a", stays);
    const waits = slots.take("b", stays);
    await expect(slots.take("c", stays)).rejects.toMatchObject(refused);
    await expect(waits).rejects.toMatchObject(refused);
    giveBack();
    (await slots.take("a", stays))();
  });

  it("are not lost to one who went away while waiting", async () => {
    const slots = new ReceiveSlots(one);
    const giveBack = await slots.take("a", stays);
    const gone = new AbortController();
    const waits = slots.take("b", gone.signal);
    gone.abort();
    await expect(waits).rejects.toMatchObject(refused);
    giveBack();
    (await slots.take("a", stays))();
    await expect(slots.take("b", stays)).resolves.toBeTypeOf("function");
  });
});
