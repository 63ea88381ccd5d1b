import { Type } from "typebox";
import { Value } from "typebox/value";
import type { DeadLetter } from "./dead-letter.ts";

/*
 * A letter in a file: one line of JSON (Head), a line feed, the bytes of the message.
 */

const Head = Type.Object({
  topic: Type.String({ maxLength: 249 }),
  partition: Type.Integer({ minimum: 0 }),
  offset: Type.Integer({ minimum: 0 }),
  key: Type.String(),
  headers: Type.Record(Type.String(), Type.String()),
  failures: Type.Array(Type.Object({ stage: Type.String(), error: Type.String() })),
  buriedMs: Type.Number(),
  replays: Type.Array(Type.Object({ atMs: Type.Number(), by: Type.String(), state: Type.Enum(["begun", "done", "failed"]) })),
  bytes: Type.Integer({ minimum: 0 }),
});
const LINE_FEED = 10;

export function encodeLetter({ value, ...head }: DeadLetter): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify({ ...head, bytes: value.length })}\n`), value]);
}

/** Undefined for what is no whole letter. */
export function decodeLetter(file: Uint8Array): DeadLetter | undefined {
  const end = file.indexOf(LINE_FEED);
  if (end < 0) return undefined;
  let head: unknown;
  try {
    head = JSON.parse(Buffer.from(file.subarray(0, end)).toString("utf8"));
  } catch {
    return undefined;
  }
  if (!Value.Check(Head, head) || head.bytes !== file.length - end - 1) return undefined;
  const { bytes: _, ...rest } = head;
  return { ...rest, value: file.subarray(end + 1) };
}
