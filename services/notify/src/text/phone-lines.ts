import { type Cause, parseEntityKey } from "@yunwei/schemas";
import type { NotifyMessages } from "../messages/messages.ts";

/** What fits a phone screen, and leaves room in the narrowest channel (WeCom text: 2,048 bytes). */
export const MAX_TEXT_BYTES = 1500;
const MAX_LINE_CHARACTERS = 160;
const SHORT_LINE_CHARACTERS = 60;
const MAX_NAME_CHARACTERS = 40;

export interface Line {
  readonly text: string;
  /** May be left out; the highest rank goes first. Absent = stays. */
  readonly dropRank?: number;
  /** Never cut: an address. */
  readonly whole?: boolean;
}

/** Joins lines to at most 1,500 bytes: first by leaving lines out, then by shortening them at a character's edge. */
export function fit(lines: readonly Line[]): string {
  const kept = lines.map((line) => (line.whole ? line : { ...line, text: shorten(oneLine(line.text), MAX_LINE_CHARACTERS) }));
  while (bytesOf(kept) > MAX_TEXT_BYTES) {
    const rank = Math.max(...kept.map((line) => line.dropRank ?? 0));
    if (rank === 0) break;
    kept.splice(
      kept.findIndex((line) => line.dropRank === rank),
      1,
    );
  }
  if (bytesOf(kept) <= MAX_TEXT_BYTES) return join(kept);
  return join(kept.map((line) => (line.whole ? line : { ...line, text: shorten(line.text, SHORT_LINE_CHARACTERS) })));
}

/** The first characters of a text (not bytes, not half a character), with `…` when something was cut. */
export function shorten(text: string, maxCharacters: number): string {
  const characters = [...text];
  return characters.length <= maxCharacters ? text : `${characters.slice(0, maxCharacters - 1).join("")}…`;
}

/** An entity as people call it: type and id. */
export function placeName(key: string, messages: NotifyMessages): string {
  const entity = parseEntityKey(key);
  if (entity === undefined) return shorten(key, MAX_NAME_CHARACTERS);
  const id = entity.type === "site" ? messages.site(entity.id) : entity.id;
  return `${messages.entityTypes[entity.type]} ${shorten(id, MAX_NAME_CHARACTERS)}`;
}

/** What a cause is about: an entity, or the two ends of a dependency. */
export function causeName(cause: Cause, messages: NotifyMessages): string {
  if (cause.edge === undefined) return placeName(cause.entity, messages);
  const idOf = (key: string) => shorten(parseEntityKey(key)?.id ?? key, MAX_NAME_CHARACTERS);
  return `${messages.entityTypes.edge} ${idOf(cause.edge.from)}→${idOf(cause.edge.to)}`;
}

/** Names come from telemetry: a line break in one must not forge a line of ours. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}

function join(lines: readonly Line[]): string {
  return lines.map((line) => line.text).join("\n");
}

function bytesOf(lines: readonly Line[]): number {
  return Buffer.byteLength(join(lines));
}
