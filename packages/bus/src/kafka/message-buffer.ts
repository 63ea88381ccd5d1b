import type { DeliveredMessage } from "../bus.ts";

/** Fetched messages of one partition in the order of their offsets, until they are taken. */
export class MessageBuffer {
  #messages: DeliveredMessage[] = [];
  #head = 0;
  #bytes = 0;

  get count(): number {
    return this.#messages.length - this.#head;
  }

  /** Of the values. */
  get bytes(): number {
    return this.#bytes;
  }

  get firstOffset(): number | undefined {
    return this.#messages[this.#head]?.offset;
  }

  add(messages: readonly DeliveredMessage[]): void {
    for (const message of messages) {
      this.#messages.push(message);
      this.#bytes += message.value.length;
    }
  }

  /** Up to so many messages and bytes of values, but at least one if there is one. */
  take(maxMessages: number, maxBytes: number): DeliveredMessage[] {
    let count = 0;
    let bytes = 0;
    while (count < this.count && count < maxMessages) {
      bytes += this.#messages[this.#head + count]!.value.length;
      if (count > 0 && bytes > maxBytes) break;
      count++;
    }
    return this.#cut(count);
  }

  /** Everything up to `lastOffset`. */
  takeTo(lastOffset: number): DeliveredMessage[] {
    let count = 0;
    while (count < this.count && this.#messages[this.#head + count]!.offset <= lastOffset) count++;
    return this.#cut(count);
  }

  /** What was taken last goes back to where it was. */
  putBack(messages: readonly DeliveredMessage[]): void {
    this.#messages = [...messages, ...this.#messages.slice(this.#head)];
    this.#head = 0;
    for (const message of messages) this.#bytes += message.value.length;
  }

  #cut(count: number): DeliveredMessage[] {
    const taken = this.#messages.slice(this.#head, this.#head + count);
    for (const message of taken) this.#bytes -= message.value.length;
    this.#head += count;
    if (this.#head * 2 <= this.#messages.length) return taken;
    this.#messages = this.#messages.slice(this.#head);
    this.#head = 0;
    return taken;
  }
}
