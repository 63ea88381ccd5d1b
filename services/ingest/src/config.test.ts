import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { IngestConfig } from "./config.ts";

it("docs/operations/ingest-processes.md lists the variables that there are, with their defaults", () => {
  const page = readFileSync(new URL("../../../docs/operations/ingest-processes.md", import.meta.url), "utf8");
  const listed = [...page.matchAll(/^\| `(YUNWEI_\w+)` \| (?:`([^`]*)`|\(none\)) \| (.+) \|/gm)].map((match) => [match[1], match[2] ?? "", match[3]]);
  const properties = IngestConfig.properties as unknown as Record<string, { default: unknown; description?: string }>;
  expect(listed).toEqual(Object.entries(properties).map(([name, schema]) => [name, String(schema.default), schema.description]));
});
