import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** How a link is broken: connections are reset and new ones refused; everything hangs, as behind a firewall that drops; or answers are lost. */
export type LinkFault = "reset" | "stall" | "mute";

/** A TCP link on this machine that can be cut: listens on a port of its own and passes bytes to another one. */
export class FaultyLink {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #target: number;
  #fault: LinkFault | undefined;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    server.on("connection", (near) => this.#join(near));
  }

  /** @param target - port on this machine; may be told later with `aim` */
  static async open(target = 0): Promise<FaultyLink> {
    const server = createServer({ allowHalfOpen: false });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new FaultyLink(server, target);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  aim(target: number): void {
    this.#target = target;
  }

  cut(fault: LinkFault): void {
    this.#fault = fault;
    for (const [near, far] of this.#pairs) {
      if (fault === "reset") {
        near.resetAndDestroy();
        far.resetAndDestroy();
      } else if (fault === "stall") {
        near.pause();
        far.pause();
      }
    }
  }

  /** Whole again. What a stall has held back goes on, as after a route that was away. */
  heal(): void {
    this.#fault = undefined;
    for (const [near, far] of this.#pairs) {
      near.resume();
      far.resume();
    }
  }

  #join(near: Socket): void {
    near.on("error", () => undefined);
    if (this.#fault === "reset") {
      near.resetAndDestroy();
      return;
    }
    const far = connect(this.#target, "127.0.0.1");
    far.on("error", () => undefined);
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    const open = (): boolean => this.#fault !== "stall";
    pass(near, far, open);
    pass(far, near, open, () => this.#fault === "mute");
    for (const [one, other] of [pair, [far, near]] as const) {
      one.once("close", () => {
        other.destroy();
        this.#pairs.delete(pair);
      });
    }
    if (this.#fault === "stall") for (const socket of pair) socket.pause();
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }
}

/** Passes bytes without reading faster than they can be written. */
function pass(from: Socket, to: Socket, isOpen: () => boolean, isLost = () => false): void {
  from.on("data", (chunk) => {
    if (to.destroyed || isLost() || to.write(chunk)) return;
    from.pause();
    to.once("drain", () => {
      if (isOpen()) from.resume();
    });
  });
  from.once("end", () => to.end());
}
