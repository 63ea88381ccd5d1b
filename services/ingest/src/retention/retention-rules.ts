import { type LogDecoding, type ResourceInfo, readAnyValue, type Wire } from "@yunwei/otlp";
import { isLike } from "./glob.ts";
import type { RetentionClass, RetentionRule, RetentionRuleSet } from "./retention-file.ts";

/** Lowest SeverityNumber of each name (OpenTelemetry, logs data model). */
const SEVERITY = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 } as const;
const encoder = new TextEncoder();

interface RecordTest {
  readonly key: Uint8Array;
  readonly values: readonly string[];
}

/** What is left of a rule once its resource is known. */
interface Step {
  readonly retention: RetentionClass;
  readonly severityAtLeast: number;
  readonly record: readonly RecordTest[];
}

/** Class of the records of a resource; the steps before it depend on the record. */
interface Plan {
  readonly steps: readonly Step[];
  readonly otherwise: RetentionClass;
}

/** Says which retention class a log record gets. What depends on the resource alone is decided once a resource. */
export class RetentionRules {
  readonly #set: RetentionRuleSet;
  readonly #tests: readonly (readonly RecordTest[])[];
  #plans: Plan[] = [];
  #resources: readonly ResourceInfo[] | undefined;

  constructor(set: RetentionRuleSet) {
    this.#set = set;
    this.#tests = set.rules.map(({ record = {} }) => Object.entries(record).map(([name, wanted]) => ({ key: encoder.encode(name), values: listOf(wanted) })));
  }

  /** The class of record `row`. @param wire - open on the request */
  classOf(decoded: LogDecoding, row: number, wire: Wire): RetentionClass {
    const { logs, resources } = decoded;
    if (resources !== this.#resources) {
      this.#resources = resources;
      this.#plans = [];
    }
    const index = logs.resource[row]!;
    let plan = this.#plans[index];
    if (plan === undefined) this.#plans[index] = plan = this.#planOf(resources[index]!);
    for (const { retention, severityAtLeast, record } of plan.steps) {
      if (logs.severity[row]! >= severityAtLeast && hasAll(decoded, row, wire, record)) return retention;
    }
    return plan.otherwise;
  }

  #planOf(resource: ResourceInfo): Plan {
    const steps: Step[] = [];
    for (const [i, rule] of this.#set.rules.entries()) {
      if (!holdsFor(rule, resource)) continue;
      const record = this.#tests[i]!;
      if (rule.severityAtLeast === undefined && record.length === 0) return { steps, otherwise: rule.class };
      steps.push({ retention: rule.class, severityAtLeast: rule.severityAtLeast === undefined ? 0 : SEVERITY[rule.severityAtLeast], record });
    }
    return { steps, otherwise: this.#set.default };
  }
}

function holdsFor({ department, site, service, resource = {} }: RetentionRule, about: ResourceInfo): boolean {
  const isOneOf = (wanted: unknown, value: string): boolean => wanted === undefined || listOf(wanted).some((pattern) => isLike(pattern, value));
  return (
    isOneOf(department, about.department) &&
    isOneOf(site, about.site) &&
    isOneOf(service, about.service) &&
    Object.entries(resource).every(([name, wanted]) => {
      const value = about.attributes.get(name);
      return value !== undefined && isOneOf(wanted, value);
    })
  );
}

function listOf(wanted: unknown): string[] {
  return (Array.isArray(wanted) ? wanted : [wanted]).map(String);
}

function hasAll(decoded: LogDecoding, row: number, wire: Wire, tests: readonly RecordTest[]): boolean {
  for (const test of tests) if (!hasValue(decoded, row, wire, test)) return false;
  return true;
}

/** KeyValue { 1 key, 2 value }, as encoders write it: the key first. */
function hasValue({ logs, slices }: LogDecoding, row: number, wire: Wire, { key, values }: RecordTest): boolean {
  const { bytes } = wire;
  const end = logs.attributesTo[row]!;
  for (let at = logs.attributes[row]!; at < end; at++) {
    const start = slices.starts[at]!;
    if (bytes[start + 1] !== key.length || bytes[start] !== 0x0a || !isKey(bytes, start + 2, key)) continue;
    const text = textValue(wire, start, slices.ends[at]!);
    return values.some((pattern) => isLike(pattern, text));
  }
  return false;
}

function isKey(bytes: Uint8Array, at: number, key: Uint8Array): boolean {
  for (let i = key.length - 1; i >= 0; i--) if (bytes[at + i] !== key[i]) return false;
  return true;
}

function textValue(wire: Wire, start: number, end: number): string {
  let text = "";
  wire.pos = start;
  while (wire.next(end)) {
    if (wire.field !== 2) {
      wire.skip(end);
      continue;
    }
    const value = readAnyValue(wire, wire.sliceEnd(end), 0);
    text = typeof value === "string" ? value : JSON.stringify(value);
  }
  return text;
}
