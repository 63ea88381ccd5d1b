import { parseYaml } from "@yunwei/service-kit";
import { type Static, Type } from "typebox";

/** Classes of logs, with the days they are kept (the TTL of table `logs`). */
export const RETENTION_DAYS = { short: 7, std: 30, mlps: 190 } as const;
export type RetentionClass = keyof typeof RETENTION_DAYS;

const Class = Type.Enum(["short", "std", "mlps"]);
const Name = Type.String({ maxLength: 255 });
const Names = Type.Union([Name, Type.Array(Name, { minItems: 1, maxItems: 100 })]);
const Value = Type.Union([Type.String({ maxLength: 255 }), Type.Number(), Type.Boolean()]);
const Values = Type.Union([Value, Type.Array(Value, { minItems: 1, maxItems: 100 })]);
const Attributes = Type.Record(Type.String({ minLength: 1, maxLength: 127 }), Values, { maxProperties: 20 });
const closed = { additionalProperties: false };

const Rule = Type.Object(
  {
    class: Class,
    department: Type.Optional(Names),
    site: Type.Optional(Names),
    service: Type.Optional(Names),
    severityAtLeast: Type.Optional(Type.Enum(["trace", "debug", "info", "warn", "error", "fatal"])),
    resource: Type.Optional(Attributes),
    record: Type.Optional(Attributes),
  },
  closed,
);
/** A rule: all that it names must hold; of a list, one. `*` in a text stands for anything. */
export type RetentionRule = Static<typeof Rule>;

const RetentionFile = Type.Object(
  { rules: Type.Optional(Type.Array(Rule, { maxItems: 200 })), builtin: Type.Optional(Type.Boolean()), default: Type.Optional(Class) },
  closed,
);

/** Rules in the order in which they are asked, and the class of what none of them names. */
export interface RetentionRuleSet {
  readonly rules: readonly RetentionRule[];
  readonly default: RetentionClass;
}

/**
 * What MLPS 2.0 (GB/T 22239) and the Cybersecurity Law (article 21) want for at least six months: logs of network and security
 * devices, and of who did what. Facilities 4, 10 and 13 of syslog are auth, authpriv and audit (RFC 5424 §6.2.1); they are looked
 * for where no service is named, as in syslog: the logs of services cost nothing.
 */
export const BUILTIN_RULES: readonly RetentionRule[] = [
  { class: "mlps", resource: { "yunwei.entity.type": "device" } },
  { class: "mlps", service: ["*audit*", "*auth*", "*security*", "*firewall*", "*bastion*", "waf*", "*-waf"] },
  { class: "mlps", service: "", record: { "syslog.facility.code": [4, 10, 13] } },
  { class: "mlps", service: "", record: { facility: [4, 10, 13, "auth", "authpriv", "audit"] } },
];

/** In force without a file. */
export const BUILTIN_RULE_SET: RetentionRuleSet = { rules: BUILTIN_RULES, default: "std" };

/** Reads retention.yaml. @throws YunweiError YUNWEI_CONFIG_INVALID with every problem and its line */
export function parseRetentionFile(text: string): RetentionRuleSet {
  const {
    rules = [],
    builtin = true,
    default: rest = "std",
  } = parseYaml(text, { file: "retention.yaml", code: "YUNWEI_CONFIG_INVALID", schema: RetentionFile });
  return { rules: builtin ? [...rules, ...BUILTIN_RULES] : rules, default: rest };
}
