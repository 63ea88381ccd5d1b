import fc from "fast-check";
import { expect, it } from "vitest";
import { readHttpStatement } from "./http-statement.ts";

const search = (parts: Record<string, string>): URLSearchParams => new URLSearchParams(parts);

it("takes data as the body of an INSERT only, with the settings that were sent", () => {
  const query = "INSERT INTO `points` (`day`, `n`) FORMAT Native";
  expect(
    readHttpStatement(
      search({ query, database: "d", query_id: "q", wait_end_of_query: "1", insert_deduplication_token: "t:0:1-2", optimize_on_insert: "0" }),
      "",
    ),
  ).toEqual({
    kind: "insert",
    database: "d",
    table: "points",
    columns: ["day", "n"],
    format: "Native",
    settings: { insert_deduplication_token: "t:0:1-2", optimize_on_insert: "0" },
  });
  expect(() => readHttpStatement(search({}), "INSERT INTO points VALUES (1)")).toThrow(/inside a statement/);
  expect(() => readHttpStatement(search({ query: "INSERT INTO points (n) VALUES" }), "")).toThrow(/only INSERT INTO/);
});

it("takes the format off a statement, and parameters as the types of the statement say", () => {
  const sql = "SELECT {text:String}, {list:Array(String)}, {ids:Array(UInt64)} FORMAT JSONEachRow";
  const parameters = { param_text: "a\\n\\\\b", param_list: "['x\\'y','z']", param_ids: "[1,20]" };
  expect(readHttpStatement(search(parameters), sql)).toMatchObject({
    kind: "statement",
    format: "JSONEachRow",
    sql: "SELECT {text:String}, {list:Array(String)}, {ids:Array(UInt64)}",
    parameters: { text: "a\n\\b", list: ["x'y", "z"], ids: [1, 20] },
  });
});

it("stands arbitrary addresses and bodies", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), fc.string(), (parts, body) => {
      try {
        readHttpStatement(search(parts), body);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
  );
});
