import { type AtLine, parseYaml, schemaProblems } from "@yunwei/service-kit";
import { Type } from "typebox";
import { type AlertPolicy, DynamicSchema, StaticSchema } from "../domain/alert-policy.ts";

/** Only the outline is checked by itself; each policy is then held against the schema of its own kind, for errors that say what is meant. */
const Outline = Type.Object(
  { policies: Type.Array(Type.Object({ kind: Type.Enum(["dynamic", "static"]) }), { maxItems: 500 }) },
  { additionalProperties: false },
);

/**
 * Reads alert-policies.yaml.
 * @throws YunweiError YUNWEI_POLICY_INVALID; `details` lists every problem as `line N: ...`
 */
export function parsePolicyFile(text: string): readonly AlertPolicy[] {
  const outline = parseYaml(text, { file: "alert-policies.yaml", code: "YUNWEI_POLICY_INVALID", schema: Outline, also: perKind, cross: twice });
  return (outline as unknown as { policies: readonly AlertPolicy[] }).policies;
}

function perKind(value: unknown, at: AtLine): string[] {
  const policies = (value as { policies?: unknown } | null)?.policies;
  if (!Array.isArray(policies)) return [];
  return policies.flatMap((policy: unknown, index) => {
    const kind = (policy as { kind?: unknown } | null)?.kind;
    const schema = kind === "dynamic" ? DynamicSchema : kind === "static" ? StaticSchema : undefined;
    return schema === undefined ? [] : schemaProblems(schema, policy, ["policies", index], at);
  });
}

function twice(value: unknown, at: AtLine): string[] {
  const seen = new Set<string>();
  return (value as { policies: readonly AlertPolicy[] }).policies.flatMap(({ id }, index) => {
    if (seen.has(id)) return [at(["policies", index, "id"], `policy ${id} is there twice`)];
    seen.add(id);
    return [];
  });
}
