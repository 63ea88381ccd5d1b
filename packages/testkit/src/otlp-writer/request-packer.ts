import { bytesFieldSize, WireBuffer } from "./wire-buffer.ts";

/**
 * Packs resources with their records into Export*ServiceRequest messages, which have the same outer shape for all three
 * signals: 1: { 1: resource, 2: { 1: scope, 2: record ... } }.
 */
export class RequestPacker {
  private readonly out: WireBuffer;
  private readonly maxBytes: number;
  private full: Uint8Array[] = [];

  /** @param maxBytes - a request is closed before it would grow beyond this; one entry that alone is larger goes out by itself */
  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
    this.out = new WireBuffer(16_384);
  }

  /** @param resource,scope - whole fields (resource-bytes.ts); `records` bytes [from, to) are whole record fields */
  add(resource: Uint8Array, scope: Uint8Array, records: Uint8Array, from: number, to: number): void {
    const scopeEntry = scope.length + (to - from);
    const entry = resource.length + bytesFieldSize(scopeEntry);
    if (this.out.length > 0 && this.out.length + bytesFieldSize(entry) > this.maxBytes) this.cut();
    this.out.bytesHeader(1, entry);
    this.out.raw(resource, 0, resource.length);
    this.out.bytesHeader(2, scopeEntry);
    this.out.raw(scope, 0, scope.length);
    this.out.raw(records, from, to);
  }

  /** The requests since the last call, as copies; empty when nothing was added. */
  finish(): Uint8Array[] {
    if (this.out.length > 0) this.cut();
    const done = this.full;
    this.full = [];
    return done;
  }

  private cut(): void {
    this.full.push(this.out.take());
    this.out.clear();
  }
}
