import { YunweiError } from "@yunwei/schemas";
import type { Static, TObject } from "typebox";
import { Value } from "typebox/value";

/**
 * Reads a service's variables by its schema: defaults filled, strings converted.
 * @throws YunweiError YUNWEI_CONFIG_INVALID naming every bad variable at once
 */
export function loadConfig<T extends TObject>(schema: T, variables: Readonly<Record<string, string | undefined>>): Static<T> {
  const picked: Record<string, unknown> = {};
  for (const name of Object.keys(schema.properties)) if (variables[name] !== undefined && variables[name] !== "") picked[name] = variables[name];
  const value = Value.Convert(schema, Value.Default(schema, picked));
  if (Value.Check(schema, value)) return value as Static<T>;
  const problems = [...Value.Errors(schema, value)].map((error) => `${error.instancePath.slice(1) || "(root)"}: ${error.message}`);
  throw new YunweiError("YUNWEI_CONFIG_INVALID", `Set these variables right and start again: ${problems.join("; ")}`, { details: problems });
}
