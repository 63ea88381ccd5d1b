/** How the value of a field is told. */
export type FieldKind = "text" | "choice" | "cause" | "ratio" | "sites";

const KINDS: Readonly<Record<string, FieldKind>> = {
  reason: "choice",
  resolutionCode: "choice",
  causeCategory: "choice",
  cause: "cause",
  confidence: "ratio",
  sites: "sites",
};

export interface FieldText {
  readonly name: string;
  readonly value: string;
  readonly kind: FieldKind;
}

const MAX_FIELDS = 12;
const MAX_CHARACTERS = 300;

/**
 * The fields of a log entry that people want to read, in their order: texts, numbers and short lists whose names the
 * catalogue has; the others are for programs. At most 12, each at most 300 characters.
 * @param isNamed - whether the catalogue has a name for a field
 */
export function readableFields(fields: Readonly<Record<string, unknown>>, isNamed: (name: string) => boolean): FieldText[] {
  const out: FieldText[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const text = textOf(value);
    if (text === "" || out.length >= MAX_FIELDS || !isNamed(name)) continue;
    out.push({ name, value: text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS - 1)}…` : text, kind: KINDS[name] ?? "text" });
  }
  return out;
}

/** A cause as the log keeps it: `entity|mode`. undefined for what is none. */
export function causeOfField(text: string): { readonly entity: string; readonly mode: string } | undefined {
  const bar = text.lastIndexOf("|");
  return bar > 0 ? { entity: text.slice(0, bar), mode: text.slice(bar + 1) } : undefined;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
  if (typeof value === "boolean") return String(value);
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? value.slice(0, 10).join(", ") : "";
}
