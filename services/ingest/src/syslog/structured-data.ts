/*
 * RFC 5424 §6.3
 *   STRUCTURED-DATA = NILVALUE / 1*SD-ELEMENT
 *   SD-ELEMENT      = "[" SD-ID *(SP SD-PARAM) "]"
 *   SD-PARAM        = PARAM-NAME "=" %d34 PARAM-VALUE %d34
 *   PARAM-VALUE     = UTF-8-STRING ; characters '"', '\' and ']' MUST be escaped
 */

/** Further parameters of one message are counted only. */
const MAX_PARAMETERS = 64;
/** SD-NAME = 1*32PRINTUSASCII without "=", SP, "]", '"'; longer ones of real senders are taken too. */
const NAME = /[^\s=\]"]{1,128}/y;

/** Structured data that was read. */
export interface StructuredData {
  /** `id.name` and value, in order; an element without parameters has none. */
  readonly parameters: readonly (readonly [string, string])[];
  readonly dropped: number;
  /** Where the text goes on. */
  readonly end: number;
}

/** Reads the structured data at `from`; undefined when it is malformed (then it is part of the message). */
export function readStructuredData(text: string, from: number): StructuredData | undefined {
  if (text[from] === "-") return { parameters: [], dropped: 0, end: from + 1 };
  const parameters: [string, string][] = [];
  let count = 0;
  const take = (name: string, value: string): void => {
    if (count++ < MAX_PARAMETERS) parameters.push([name, unescaped(value)]);
  };
  let at = from;
  while (text[at] === "[") {
    const end = readElement(text, at, take);
    if (end === undefined) return undefined;
    at = end;
  }
  return at === from ? undefined : { parameters, dropped: count - parameters.length, end: at };
}

/** Reads the element that begins at `from`; its end, or undefined when it is malformed. */
function readElement(text: string, from: number, take: (name: string, value: string) => void): number | undefined {
  const id = nameAt(text, from + 1);
  if (id === undefined) return undefined;
  let at = from + 1 + id.length;
  while (text[at] === " ") {
    while (text[at] === " ") at++;
    if (text[at] === "]") break;
    const name = nameAt(text, at);
    if (name === undefined || !text.startsWith('="', at + name.length)) return undefined;
    const start = at + name.length + 2;
    const end = valueEnd(text, start);
    if (end === undefined) return undefined;
    take(`${id}.${name}`, text.slice(start, end));
    at = end + 1;
  }
  return text[at] === "]" ? at + 1 : undefined;
}

function nameAt(text: string, at: number): string | undefined {
  NAME.lastIndex = at;
  return NAME.exec(text)?.[0];
}

/** Where the quote stands that ends the value at `from`. */
function valueEnd(text: string, from: number): number | undefined {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
  }
  return undefined;
}

/** A backslash before any other character stands for itself (§6.3.3). */
function unescaped(value: string): string {
  return value.includes("\\") ? value.replace(/\\(["\\\]])/g, "$1") : value;
}
