import { type ErrorCode, YunweiError } from "@yunwei/schemas";
import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { type Document, isNode, LineCounter, parseDocument } from "yaml";

const MAX_CHARACTERS = 8 * 1024 * 1024;
const MAX_PROBLEMS = 50;

export type YamlPath = readonly (string | number)[];
/** Says a problem with the line of the value at `path`. */
export type AtLine = (path: YamlPath, problem: string) => string;

export interface YamlRules<T extends TSchema> {
  /** Name of the file, for messages. */
  readonly file: string;
  readonly code: ErrorCode;
  readonly schema: T;
  /** More that is asked of every file, e.g. a schema that depends on a `type`; `value` may break the schema. */
  readonly also?: (value: unknown, at: AtLine) => readonly string[];
  /** What the schema cannot say, e.g. that a name refers to something; asked only when the schema holds. */
  readonly cross?: (value: Static<T>, at: AtLine) => readonly string[];
}

/**
 * Reads a YAML file of ours and checks it whole.
 * @throws YunweiError `rules.code`; its `details` lists every problem as `line N: ...`, by line
 */
export function parseYaml<T extends TSchema>(text: string, rules: YamlRules<T>): Static<T> {
  const fail = (problems: readonly string[]): never => {
    const sorted = [...new Set(problems)].sort((a, b) => lineIn(a) - lineIn(b)).slice(0, MAX_PROBLEMS);
    throw new YunweiError(rules.code, `${rules.file} is not usable: ${sorted.join("; ")}`, { details: sorted });
  };
  if (text.length > MAX_CHARACTERS) return fail([`line 1: the file is over ${MAX_CHARACTERS} characters`]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, strict: true, uniqueKeys: true });
  if (document.errors.length > 0) return fail(document.errors.map((error) => `line ${error.linePos?.[0].line ?? 1}: ${plainMessage(error.message)}`));
  const at: AtLine = (path, problem) => `line ${lineOf(document, lines, path)}: ${problem}`;
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 50 }) ?? {};
  } catch {
    return fail(["line 1: too many aliases"]);
  }
  const problems = [...schemaProblems(rules.schema, value, [], at), ...(rules.also?.(value, at) ?? [])];
  if (problems.length > 0) return fail(problems);
  const crossed = rules.cross?.(value as Static<T>, at) ?? [];
  return crossed.length > 0 ? fail(crossed) : (value as Static<T>);
}

/** Every way in which `value` (found at `base`) breaks `schema`, each with its line. */
export function schemaProblems(schema: TSchema, value: unknown, base: YamlPath, at: AtLine): string[] {
  const problems: string[] = [];
  for (const error of Value.Errors(schema, value)) {
    if (error.keyword === "boolean") continue; // an unknown key is told of once, by `additionalProperties`
    const path = [...base, ...pathOf(error.instancePath)];
    if (error.keyword === "additionalProperties") {
      for (const name of (error.params as { additionalProperties: string[] }).additionalProperties)
        problems.push(at([...path, name], `${label([...path, name])}: unknown key`));
    } else problems.push(at(path, `${label(path)}: ${error.message}`));
  }
  return problems;
}

function plainMessage(message: string): string {
  return message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "");
}

function lineIn(problem: string): number {
  return Number(/^line (\d+)/.exec(problem)?.[1] ?? 0);
}

/** The line of the node at `path`, or of the nearest one around it (a missing key has no line of its own). */
function lineOf(document: Document, lines: LineCounter, path: YamlPath): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

/** JSON pointer -> path; digits are positions. */
function pathOf(pointer: string): (string | number)[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function label(path: YamlPath): string {
  return path.length === 0
    ? "the file"
    : path
        .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
        .join("")
        .replace(/^\./, "");
}
