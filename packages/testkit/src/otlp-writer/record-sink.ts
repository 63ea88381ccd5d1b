import type { RequestPacker } from "./request-packer.ts";
import { WireBuffer } from "./wire-buffer.ts";

/** Collects the span or log records of one resource, and cuts them into pieces that fit a request. */
export class RecordSink {
  readonly buffer = new WireBuffer(2048);
  /** Records since the last drain. */
  count = 0;
  private readonly pieceBytes: number;
  private readonly cuts: number[] = [];
  private pieceStart = 0;

  constructor(pieceBytes: number) {
    this.pieceBytes = pieceBytes;
  }

  /** To be called after each record: a piece ends only between records. */
  recordDone(): void {
    this.count++;
    if (this.buffer.length - this.pieceStart < this.pieceBytes) return;
    this.pieceStart = this.buffer.length;
    this.cuts.push(this.pieceStart);
  }

  /** Hands all pieces to `packer` and starts afresh. */
  drain(packer: RequestPacker, resource: Uint8Array, scope: Uint8Array): void {
    if (this.buffer.length > this.pieceStart) this.cuts.push(this.buffer.length);
    let from = 0;
    for (const to of this.cuts) {
      packer.add(resource, scope, this.buffer.bytes, from, to);
      from = to;
    }
    this.discard();
  }

  discard(): void {
    this.buffer.clear();
    this.cuts.length = 0;
    this.pieceStart = 0;
    this.count = 0;
  }
}
