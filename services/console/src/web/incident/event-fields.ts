/** Fields whose values are words of a catalogue. */
const CHOICES = new Set(["reason", "resolutionCode", "causeCategory"]);

export interface FieldText {
  readonly name: string;
  readonly value: string;
  /** Where to look for a word for the value. */
  readonly words: "choices" | undefined;
}

/** The parts of a log entry's fields that people can read: texts, numbers and short lists, at most 12, each at most 300 characters. */
export function readableFields(fields: Readonly<Record<string, unknown>>): FieldText[] {
  const out: FieldText[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const text = textOf(value);
    if (text === "" || out.length >= 12) continue;
    out.push({ name, value: text.length > 300 ? `${text.slice(0, 299)}…` : text, words: CHOICES.has(name) ? "choices" : undefined });
  }
  return out;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
  if (typeof value === "boolean") return String(value);
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? value.slice(0, 10).join(", ") : "";
}
