import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DictionaryColumn } from "./dictionary-column.ts";
import { FixedColumn } from "./fixed-column.ts";
import { MapColumn } from "./map-column.ts";
import { encodeBlock } from "./native-block.ts";
import type { Store } from "./store.ts";
import { StringColumn } from "./string-column.ts";

/** What every Store promises. @param open - a store whose database may be written to freely; called again it sees what was stored before */
export function storeContract(name: string, open: () => Promise<Store>): void {
  describe(`${name} keeps the Store contract`, () => {
    let store: Store;
    beforeAll(async () => {
      store = await open();
      await store.command("DROP TABLE IF EXISTS contract");
      await store.command(
        "CREATE TABLE contract (day Date, n UInt64, text String, attrs Map(LowCardinality(String), String)) ENGINE = MergeTree PARTITION BY day ORDER BY n SETTINGS non_replicated_deduplication_window = 1000",
      );
      await store.command(
        "CREATE TABLE IF NOT EXISTS contract_sum (day Date, total UInt64) ENGINE = SummingMergeTree ORDER BY day SETTINGS non_replicated_deduplication_window = 1000",
      );
      await store.command("CREATE MATERIALIZED VIEW IF NOT EXISTS contract_view TO contract_sum AS SELECT day, sum(n) AS total FROM contract GROUP BY day");
    });
    afterAll(async () => {
      await store.close();
    });

    function block(texts: readonly string[], days: readonly number[] = [20_000]): { columns: string[]; bytes: Uint8Array[] } {
      const columns = { day: new FixedColumn("Date", 2), n: new FixedColumn("UInt64", 8), text: new StringColumn(), attrs: new MapColumn() };
      for (const [index, text] of texts.entries()) {
        columns.day.u16(days[index % days.length]!);
        columns.n.i64(index + 1);
        columns.text.text(text);
        columns.attrs.map(new Map([["key\n\n", text]]));
      }
      return { columns: Object.keys(columns), bytes: encodeBlock(columns) };
    }
    const count = async (): Promise<number> => Number((await store.query<{ n: string }>("SELECT count() AS n FROM contract"))[0]!.n);

    it("never runs outside bytes as SQL, whatever they hold", async () => {
      const hostile = [
        "a\n\nDROP TABLE contract",
        "'; DROP TABLE contract; --",
        "\n\nINSERT INTO contract (n) VALUES (666)\n\n",
        "\u0000\u0001",
        "混合\n\n文本",
      ];
      const { columns, bytes } = block(hostile);
      await store.insertNative("contract", columns, bytes);
      await store.insertRows(
        "contract",
        hostile.map((text, index) => ({ day: "2024-10-04", n: String(index + 100), text, attrs: { x: text } })),
      );
      const rows = await store.query<{ text: string }>("SELECT text FROM contract ORDER BY n");
      expect(rows.map((row) => row.text)).toEqual([...hostile, ...hostile]);
      expect(await store.query("SELECT {text:String} AS text", { text: hostile[0]! })).toEqual([{ text: hostile[0] }]);
    });

    it("stores a token once, over several partitions and through views, and another token again", async () => {
      const before = await count();
      const { columns, bytes } = block(["x", "y", "z"], [20_001, 20_002]);
      for (let attempt = 0; attempt < 3; attempt++) await store.insertNative("contract", columns, bytes, { token: "t:0:0-2:contract" });
      expect(await count()).toBe(before + 3);
      const sums = await store.query<{ total: string }>("SELECT sum(total) AS total FROM contract_sum WHERE day >= toDate(20001)");
      expect(sums).toEqual([{ total: "6" }]);
      await store.insertNative("contract", columns, bytes, { token: "t:0:3-5:contract" });
      expect(await count()).toBe(before + 6);
    });

    it("stores rows as they come, also two of one key: whoever reads must expect them until a merge", async () => {
      await store.command("CREATE TABLE contract_keys (n UInt64) ENGINE = ReplacingMergeTree ORDER BY n");
      await store.command("SYSTEM STOP MERGES contract_keys");
      const n = new FixedColumn("UInt64", 8);
      for (const key of [7, 7, 8]) n.i64(key);
      await store.insertNative("contract_keys", ["n"], encodeBlock({ n }));
      expect(await store.query("SELECT count() AS stored, uniqExact(n) AS keys FROM contract_keys")).toEqual([{ stored: "3", keys: "2" }]);
    });

    it.each([1, 256, 257, 65_536, 65_537])("takes a dictionary of %i texts, and maps of which all, some or none are empty", async (distinct) => {
      await store.command(
        "CREATE TABLE IF NOT EXISTS contract_words (n UInt64, word LowCardinality(String), attrs Map(LowCardinality(String), String)) ENGINE = MergeTree ORDER BY n",
      );
      await store.command("TRUNCATE TABLE contract_words");
      const columns = { n: new FixedColumn("UInt64", 8), word: new DictionaryColumn(), attrs: new MapColumn() };
      for (const mapEvery of [0, 3, 1]) {
        for (const column of Object.values(columns)) column.clear();
        for (let n = 0; n < distinct; n++) {
          columns.n.i64(n);
          columns.word.text(`word ${(n * 7) % distinct}`);
          columns.attrs.map(mapEvery > 0 && n % mapEvery === 0 ? new Map([[`key ${n % 300}`, `value ${n}`]]) : new Map());
        }
        await store.insertNative("contract_words", Object.keys(columns), encodeBlock(columns));
      }
      const wrong = await store.query(
        `SELECT count() AS wrong FROM contract_words WHERE word != concat('word ', toString((n * 7) % ${distinct})) OR (length(attrs) = 1 AND attrs[concat('key ', toString(n % 300))] != concat('value ', toString(n)))`,
      );
      expect(wrong).toEqual([{ wrong: "0" }]);
      expect(await store.query("SELECT count() AS stored, sum(length(attrs)) AS pairs FROM contract_words")).toEqual([
        { stored: String(3 * distinct), pairs: String(distinct + Math.ceil(distinct / 3)) },
      ]);
    });

    it("keeps all 64 bits", async () => {
      expect(await store.query("SELECT toUInt64('18446744073709551615') AS big")).toEqual([{ big: "18446744073709551615" }]);
    });

    it("tells what may be tried again from what may not, with the engine's code", async () => {
      await expect(store.query("SELECT nonsense FROM nowhere")).rejects.toMatchObject({
        code: "YUNWEI_STORE_REFUSED",
        details: { engineCode: expect.any(Number) },
      });
      await expect(store.insertRows("contract", [{ nope: 1 }])).rejects.toMatchObject({ code: "YUNWEI_STORE_REFUSED" });
      await expect(store.insertNative("no-such; DROP TABLE contract", ["n"], [])).rejects.toThrow(/identifier/);
    });

    it("blames rows for what is wrong with rows only", async () => {
      const { columns, bytes } = block(["x"], [20_010]);
      await store.command(
        "CREATE TABLE IF NOT EXISTS strict (day Date, n UInt64, text String, attrs Map(LowCardinality(String), String), CONSTRAINT no_x CHECK text != 'x') ENGINE = MergeTree ORDER BY n",
      );
      await expect(store.insertNative("strict", columns, bytes)).rejects.toMatchObject({ code: "YUNWEI_STORE_REFUSED", details: { engineCode: 469 } });
      await expect(store.insertNative("strict", columns, [Buffer.concat(bytes).subarray(0, -3)])).rejects.toMatchObject({ code: "YUNWEI_STORE_REFUSED" });
      await expect(store.insertNative("not_there", columns, bytes)).rejects.toMatchObject({ code: "YUNWEI_STORE_UNAVAILABLE", details: { engineCode: 60 } });
      await expect(store.insertNative("contract", [...columns.slice(0, 3), "nope"], bytes)).rejects.toMatchObject({ code: "YUNWEI_STORE_UNAVAILABLE" });
      await store.insertNative("strict", columns, block(["y"], [20_010]).bytes);
    });

    it("reads while it writes", async () => {
      const { columns, bytes } = block(Array.from({ length: 50_000 }, (_, i) => `row ${i}`));
      const writes = Array.from({ length: 4 }, (_, i) => store.insertNative("contract", columns, bytes, { token: `parallel-${i}` }));
      const reads = await Promise.all(Array.from({ length: 10 }, () => store.query("SELECT 1 AS one")));
      await Promise.all(writes);
      expect(reads.every((rows) => rows[0]!["one"] === 1)).toBe(true);
    });

    it("has on the next opening what it had acknowledged", async () => {
      const before = await count();
      await store.close();
      await expect(store.query("SELECT 1")).rejects.toMatchObject({ code: "YUNWEI_STORE_UNAVAILABLE" });
      store = await open();
      expect(await count()).toBe(before);
    });
  });
}
