import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";

type Handler = (datagram: Buffer, from: RemoteInfo) => void;
type Sent = (error: Error | null) => void;

/**
 * A UDP socket as net-snmp's receiver wants one, with us between it and the network: it is handed a datagram only when we
 * say so, and what it answers meanwhile is given to us, to be sent or not. So it cannot acknowledge what is not durable,
 * and what it throws comes to us.
 */
export class TrapSocket {
  readonly #socket: Socket;
  #handler: Handler = () => undefined;
  #answers: (() => void)[] | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** @throws Error when the address cannot be bound */
  static async bound(host: string, port: number): Promise<TrapSocket> {
    const socket = createSocket({ type: isIPv6(host) ? "udp6" : "udp4" });
    socket.bind(port, host);
    await once(socket, "listening");
    return new TrapSocket(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Whom to give what comes from the network. */
  receive(take: Handler, onError: (error: Error) => void): void {
    this.#socket.on("message", take);
    this.#socket.on("error", onError);
  }

  /** Nothing more is taken from the network; answers can still be sent. */
  mute(): void {
    this.#socket.removeAllListeners("message");
  }

  /** Has net-snmp look at a datagram. @returns what it would answer, each to be called or left. @throws what net-snmp throws */
  handle(datagram: Buffer, from: RemoteInfo): readonly (() => void)[] {
    const answers: (() => void)[] = [];
    this.#answers = answers;
    try {
      this.#handler(datagram, from);
    } finally {
      this.#answers = undefined;
    }
    return answers;
  }

  /** What net-snmp calls: `createSocket` of its dgram module gives this object. */
  on(event: string, listener: Handler): this {
    if (event === "message") this.#handler = listener;
    return this;
  }

  /** Bound already. */
  bind(): this {
    return this;
  }

  send(bytes: Uint8Array, offset: number, length: number, port: number, address: string, sent: Sent): void {
    const answer = (): void => this.#socket.send(bytes, offset, length, port, address, (error) => sent(error));
    this.#answers?.push(answer);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}
