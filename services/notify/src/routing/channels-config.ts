import { type AtLine, parseYaml, schemaProblems } from "@yunwei/service-kit";
import { type Static, Type } from "typebox";
import { NOTIFICATION_KINDS } from "../notification/notification-kind.ts";

const Name = Type.String({ pattern: "^[a-z0-9][a-z0-9_-]{0,62}$", description: "lower-case letters, digits, - and _" });
/** What a channel of each type holds beside its name and type. */
const FileSettings = Type.Object({ language: Type.Optional(Type.Enum(["zh", "en", "both"])) }, { additionalProperties: false });
const WebhookSettings = Type.Object(
  {
    url: Type.String({ pattern: "^https?://[^\\s]+$", maxLength: 2000 }),
    secret: Type.String({ minLength: 16, maxLength: 500 }),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 60_000 })),
  },
  { additionalProperties: false },
);
const Values = Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 200 });
const Route = Type.Object(
  {
    channels: Type.Array(Type.String(), { minItems: 1, maxItems: 20 }),
    when: Type.Optional(
      Type.Object(
        {
          priority: Type.Optional(Type.Array(Type.Enum(["P1", "P2", "P3", "P4"]), { minItems: 1 })),
          kind: Type.Optional(Type.Array(Type.Enum([...NOTIFICATION_KINDS]), { minItems: 1 })),
          site: Type.Optional(Values),
          department: Type.Optional(Values),
          service: Type.Optional(Values),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
/** The outline; each channel is checked against the schema of its own type, for errors that say what is meant. */
const Outline = Type.Object(
  {
    channels: Type.Array(Type.Object({ name: Name, type: Type.Enum(["file", "webhook"]) }), { minItems: 1, maxItems: 50 }),
    routes: Type.Array(Route, { minItems: 1, maxItems: 200 }),
  },
  { additionalProperties: false },
);

export type ChannelSettings =
  | ({ readonly name: string; readonly type: "file" } & Static<typeof FileSettings>)
  | ({ readonly name: string; readonly type: "webhook" } & Static<typeof WebhookSettings>);
export type RouteSettings = Static<typeof Route>;

/** Who is told what, and how. */
export interface ChannelsConfig {
  readonly channels: readonly ChannelSettings[];
  readonly routes: readonly RouteSettings[];
}

/** Without a file: everything into notifications.log, and nothing leaves the machine. */
export const DEFAULT_CHANNELS: ChannelsConfig = { channels: [{ name: "console", type: "file" }], routes: [{ channels: ["console"] }] };

/**
 * Reads channels.yaml.
 * @throws YunweiError YUNWEI_CONFIG_INVALID; `details` lists every problem as `line N: ...`
 */
export function parseChannelsConfig(text: string): ChannelsConfig {
  return parseYaml(text, {
    file: "channels.yaml",
    code: "YUNWEI_CONFIG_INVALID",
    schema: Outline,
    also: channelProblems,
    cross: crossProblems,
  }) as ChannelsConfig;
}

function channelProblems(value: unknown, at: AtLine): string[] {
  const channels = (value as { channels?: unknown } | null)?.channels;
  if (!Array.isArray(channels)) return [];
  return channels.flatMap((channel: unknown, index) => {
    const type = (channel as { type?: unknown } | null)?.type;
    // Name and type are the outline's business.
    const schema = type === "file" ? FileSettings : type === "webhook" ? WebhookSettings : undefined;
    if (schema === undefined) return [];
    const { name: _name, type: _type, ...rest } = channel as Record<string, unknown>;
    return schemaProblems(schema, rest, ["channels", index], at);
  });
}

function crossProblems(outline: Static<typeof Outline>, at: AtLine): string[] {
  const problems: string[] = [];
  const config = outline as ChannelsConfig;
  const names = new Set<string>();
  for (const [index, channel] of config.channels.entries()) {
    if (names.has(channel.name)) problems.push(at(["channels", index, "name"], `channel ${channel.name} is there twice`));
    names.add(channel.name);
  }
  for (const [index, route] of config.routes.entries()) {
    for (const [position, name] of route.channels.entries()) {
      if (!names.has(name)) problems.push(at(["routes", index, "channels", position], `there is no channel ${name}`));
    }
  }
  return problems;
}
