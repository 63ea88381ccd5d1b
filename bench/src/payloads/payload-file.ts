import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import type { Payload } from "./payload.ts";

/* A record: u32 length of the body, u32 items, the body; little endian. */
const HEAD_BYTES = 8;

/** Writes payloads to a file, for another process. */
export async function writePayloads(path: string, payloads: readonly Payload[]): Promise<void> {
  const file = createWriteStream(path);
  for (const { body, items } of payloads) {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt32LE(body.length, 0);
    head.writeUInt32LE(items, 4);
    file.write(head);
    if (!file.write(body)) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
}

/** Reads what writePayloads has written. @throws Error for a file that ends within a record */
export async function* readPayloads(path: string): AsyncGenerator<Payload> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    for (;;) {
      if (rest.length < HEAD_BYTES) break;
      const end = HEAD_BYTES + rest.readUInt32LE(0);
      if (rest.length < end) break;
      yield { body: rest.subarray(HEAD_BYTES, end), items: rest.readUInt32LE(4) };
      rest = rest.subarray(end);
    }
  }
  if (rest.length > 0) throw new Error(`${path} ends within a record`);
}
