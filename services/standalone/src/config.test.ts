import { readFileSync } from "node:fs";
import { loadConfig } from "@yunwei/service-kit";
import { expect, it } from "vitest";
import { StandaloneConfig } from "./config.ts";

it("needs nothing to be set", () => {
  expect(loadConfig(StandaloneConfig, {})).toMatchObject({
    YUNWEI_DATA: "./data",
    YUNWEI_HOST: "127.0.0.1",
    YUNWEI_OTLP_PORT: 4318,
    YUNWEI_HOST_METRICS: true,
  });
});

it("docs/config.md lists the variables that there are, with their defaults", () => {
  const listed = [
    ...readFileSync(new URL("../../../docs/config.md", import.meta.url), "utf8").matchAll(/^\| `(YUNWEI_\w+)` \| (?:`([^`]*)`|\(none\)) \| (.+) \|/gm),
  ].map((match) => [match[1], match[2] ?? "", match[3]]);
  const properties = StandaloneConfig.properties as unknown as Record<string, { default: unknown; description?: string }>;
  expect(listed).toEqual(Object.entries(properties).map(([name, schema]) => [name, String(schema.default), schema.description]));
});
