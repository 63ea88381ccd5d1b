import { Wire } from "@yunwei/otlp";
import { YunweiError } from "@yunwei/schemas";

/** What we ask of a message type of the schema; a protobufjs Type is one. */
export interface MessageType {
  readonly fieldsById: Readonly<Record<number, { readonly name: string; readonly type: string; readonly repeated: boolean; readonly resolvedType: unknown }>>;
}

/** How far a message can be read, field by field. */
export interface Outline {
  /** `path = value` of its leaves: the first ones and the last ones before the fault or the end. */
  readonly lines: readonly string[];
  /** Lines that are left out between them. */
  readonly omitted: number;
  /** Path of the field where `faultByte` lies, or where the bytes stop to be protobuf; "" = the message as a whole. */
  readonly place: string;
  /** Why it cannot be read on; undefined when it can be read to its end. */
  readonly fault: string | undefined;
}

const FIRST_LINES = 40;
const LAST_LINES = 40;
const MAX_DEPTH = 40;
const MAX_TEXT = 80;
const PRINTABLE = /^[^\p{Cc}\p{Cs}\ufffd]*$/u;

/**
 * Reads a message by its schema as far as it goes, for people; fields that the schema does not know are named by number.
 * @param faultByte - where a stricter reader has found the fault
 */
export function outlineOf(type: MessageType, body: Uint8Array, faultByte?: number): Outline {
  const walk = new OutlineWalk(body, faultByte);
  let fault: string | undefined;
  try {
    walk.message(type, body.length, "", 0);
  } catch (error) {
    if (!(error instanceof YunweiError)) throw error;
    fault = error.message;
  }
  return { lines: walk.lines, omitted: walk.omitted, place: fault === undefined || faultByte !== undefined ? walk.faultPlace : walk.at, fault };
}

class OutlineWalk {
  readonly #wire = new Wire();
  readonly #faultByte: number;
  readonly #first: string[] = [];
  readonly #last: string[] = [];
  #count = 0;
  at = "";
  faultPlace = "";

  constructor(body: Uint8Array, faultByte: number | undefined) {
    this.#wire.open(body);
    this.#faultByte = faultByte ?? -1;
  }

  get lines(): string[] {
    const from = this.#count % LAST_LINES;
    const ring = this.#count > FIRST_LINES + LAST_LINES ? [...this.#last.slice(from), ...this.#last.slice(0, from)] : this.#last;
    return [...this.#first, ...ring];
  }

  get omitted(): number {
    return Math.max(0, this.#count - FIRST_LINES - LAST_LINES);
  }

  message(type: MessageType, end: number, path: string, depth: number): void {
    const wire = this.#wire;
    const counts = new Map<number, number>();
    while (wire.next(end)) {
      const field = type.fieldsById[wire.field];
      const index = counts.get(wire.field) ?? 0;
      counts.set(wire.field, index + 1);
      const name = field === undefined ? `#${wire.field}` : field.repeated ? `${field.name}[${index}]` : field.name;
      const here = path === "" ? name : `${path}.${name}`;
      this.at = here;
      if (wire.tagAt <= this.#faultByte) this.faultPlace = here;
      const inner = field?.resolvedType as MessageType | null | undefined;
      if (inner?.fieldsById !== undefined && depth < MAX_DEPTH) {
        this.message(inner, wire.sliceEnd(end), here, depth + 1);
        this.at = path;
      } else this.#leaf(field?.type ?? "", here, end);
    }
  }

  #leaf(type: string, path: string, end: number): void {
    const wire = this.#wire;
    if (wire.type === 2) {
      const sliceEnd = wire.sliceEnd(end);
      const bytes = wire.bytes.subarray(wire.pos, sliceEnd);
      wire.pos = sliceEnd;
      this.#line(`${path} = ${type === "string" ? quoted(bytes) : `${bytes.length} bytes ${Buffer.from(bytes.subarray(0, 32)).toString("hex")}`}`);
      return;
    }
    const at = wire.pos;
    wire.skip(end);
    this.#line(`${path} = ${this.#number(type, at)}`);
  }

  #number(type: string, at: number): string {
    const wire = this.#wire;
    if (wire.type === 1)
      return String(
        type === "double" ? wire.view.getFloat64(at, true) : type === "sfixed64" ? wire.view.getBigInt64(at, true) : wire.view.getBigUint64(at, true),
      );
    if (wire.type === 5) return String(wire.view.getUint32(at, true));
    return String(type.startsWith("int") ? BigInt.asIntN(64, wire.bigUnsigned()) : wire.bigUnsigned());
  }

  #line(line: string): void {
    const index = this.#count++;
    if (index < FIRST_LINES) this.#first.push(line);
    else this.#last[index % LAST_LINES] = line;
  }
}

function quoted(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, 4 * MAX_TEXT)).toString("utf8");
  const cut = text.slice(0, MAX_TEXT);
  return `${JSON.stringify(PRINTABLE.test(cut) ? cut : cut.replace(/[^\x20-\x7e]/g, "."))}${bytes.length > MAX_TEXT ? ` (${bytes.length} bytes)` : ""}`;
}
