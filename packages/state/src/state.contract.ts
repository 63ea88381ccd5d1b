import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { State } from "./state.ts";

/** What every adapter of `State` promises. `open` is called once. */
export function stateContract(name: string, open: () => Promise<State>): void {
  describe(`${name} keeps the State contract`, () => {
    let state: State;
    beforeAll(async () => {
      state = await open();
      await state.query("DROP TABLE IF EXISTS contract_account");
      await state.query("CREATE TABLE contract_account (id text PRIMARY KEY, amount bigint NOT NULL, note jsonb, at timestamptz DEFAULT now())");
    });
    afterAll(async () => state?.close());

    it("gives bigint as a string, timestamptz as a Date and jsonb parsed", async () => {
      const rows = await state.query("SELECT 9007199254740993::bigint AS big, timestamptz '2026-06-18T06:03:20Z' AS at, $1::jsonb AS note", [
        JSON.stringify({ zh: "锁" }),
      ]);
      expect(rows).toEqual([{ big: "9007199254740993", at: new Date("2026-06-18T06:03:20Z"), note: { zh: "锁" } }]);
    });

    it("binds values and never reads them as SQL", async () => {
      const hostile = "'); DROP TABLE contract_account; --";
      await state.query("INSERT INTO contract_account (id, amount) VALUES ($1, 1)", [hostile]);
      expect(await state.query("SELECT id FROM contract_account WHERE id = $1", [hostile])).toEqual([{ id: hostile }]);
    });

    it("keeps all of a transaction or nothing", async () => {
      await expect(
        state.transaction(async (tx) => {
          await tx.query("INSERT INTO contract_account (id, amount) VALUES ('torn', 1)");
          throw new Error("second thoughts");
        }),
      ).rejects.toThrow("second thoughts");
      expect(await state.query("SELECT 1 FROM contract_account WHERE id = 'torn'")).toEqual([]);
      const result = await state.transaction(async (tx) => tx.query("INSERT INTO contract_account (id, amount) VALUES ('whole', 1) RETURNING amount"));
      expect(result).toEqual([{ amount: "1" }]);
    });

    it("runs a transaction again when a concurrent one spoilt it, so that no update is lost", async () => {
      await state.query("INSERT INTO contract_account (id, amount) VALUES ('shared', 0)");
      let runs = 0;
      let allHaveRead: () => void = () => undefined;
      const barrier = new Promise<void>((resolve) => {
        allHaveRead = resolve;
      });
      const addOne = () =>
        state.transaction(async (tx) => {
          const [row] = await tx.query<{ amount: string }>("SELECT amount FROM contract_account WHERE id = 'shared'");
          if (++runs === 3) allHaveRead();
          await barrier;
          await tx.query("UPDATE contract_account SET amount = $1 WHERE id = 'shared'", [Number(row!.amount) + 1]);
        });
      await Promise.all([addOne(), addOne(), addOne()]);
      expect(await state.query("SELECT amount FROM contract_account WHERE id = 'shared'")).toEqual([{ amount: "3" }]);
      expect(runs).toBeGreaterThanOrEqual(5);
    });

    it("forbids write skew: transactions are serializable", async () => {
      await state.query("INSERT INTO contract_account (id, amount) VALUES ('on-call-a', 1), ('on-call-b', 1)");
      const leave = (id: string) =>
        state.transaction(async (tx) => {
          const [row] = await tx.query<{ total: string }>("SELECT sum(amount)::bigint AS total FROM contract_account WHERE id LIKE 'on-call-%'");
          if (row!.total === "1") return;
          await tx.query("UPDATE contract_account SET amount = 0 WHERE id = $1", [id]);
        });
      await Promise.all([leave("on-call-a"), leave("on-call-b")]);
      expect(await state.query("SELECT sum(amount)::bigint AS total FROM contract_account WHERE id LIKE 'on-call-%'")).toEqual([{ total: "1" }]);
    });

    it("calls a broken unique rule a conflict, inside a transaction and out of it", async () => {
      const twice = "INSERT INTO contract_account (id, amount) VALUES ('twice', 1), ('twice', 2)";
      await expect(state.query(twice)).rejects.toMatchObject({ code: "YUNWEI_CONFLICT" });
      await expect(state.transaction((tx) => tx.query(twice))).rejects.toMatchObject({ code: "YUNWEI_CONFLICT" });
    });

    it("names a wrong statement as an engine failure that does not get better by retrying", async () => {
      await expect(state.query("SELECT nonsense FROM nowhere")).rejects.toMatchObject({ code: "YUNWEI_ENGINE_FAILED", retryable: false });
    });

    it("closes twice without complaint and then refuses work", async () => {
      await state.close();
      await state.close();
      await expect(state.query("SELECT 1")).rejects.toMatchObject({ code: "YUNWEI_STATE_UNAVAILABLE" });
    });
  });
}
