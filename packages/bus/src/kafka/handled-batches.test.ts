import { expect, it } from "vitest";
import { HandledBatches } from "./handled-batches.ts";

it("goes on behind a handled batch only where the group still stands at its beginning, and until the partition is held again", () => {
  const handled = new HandledBatches();
  handled.remember(0, 10, 15);
  expect(handled.after(0, 10)).toBe(15);
  expect(handled.after(0, 12)).toBeUndefined();
  expect(handled.after(0, 15)).toBeUndefined();
  expect(handled.after(1, 10)).toBeUndefined();
  handled.forget(0);
  expect(handled.after(0, 10)).toBeUndefined();
});
