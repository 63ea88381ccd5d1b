import { type Metadata, ServerInterceptingCall, type ServerInterceptingCallInterface, type ServerInterceptor, status } from "@grpc/grpc-js";
import type { Admission } from "../gateway/admission.ts";
import { grpcStatusOf } from "./grpc-status.ts";
import { HEALTH_SERVICE } from "./health-service.ts";
import { ReceiveSlots } from "./receive-slots.ts";

interface Lane {
  readonly slots: ReceiveSlots;
  /** The whole message must be here within this time of the first byte being asked for. */
  readonly timeoutMs: number;
  readonly needsToken: boolean;
}

/**
 * Looks at a call before a byte of its message is read: the token first, then a slot to receive in. A bad token is answered
 * UNAUTHENTICATED, never anything else. Health checks come without a token, so they have few slots of their own.
 */
export function admitInterceptor(admission: Admission): ServerInterceptor {
  // At most 48 times 16 MiB on their way in; in practice a message is a hundredth of that.
  const exportSlots = new ReceiveSlots({ slots: 48, slotsOfSender: 16, waiting: 2_000, waitMs: 10_000 });
  const healthSlots = new ReceiveSlots({ slots: 8, slotsOfSender: 8, waiting: 100, waitMs: 1_000 });
  const exports: Lane = { slots: exportSlots, timeoutMs: 30_000, needsToken: true };
  const health: Lane = { slots: healthSlots, timeoutMs: 2_000, needsToken: false };
  return ({ path }, call) => {
    const receiving = new Receiving(call, admission, path.startsWith(`/${HEALTH_SERVICE}/`) ? health : exports);
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            void receiving.begin(metadata, pass);
          },
          // Not before: the library holds the message until the sender says that it was the last.
          onReceiveHalfClose: (pass) => {
            receiving.end();
            pass();
          },
          onCancel: () => receiving.end(), // comes at the end of every call, also of one that was answered
        }),
    });
  };
}

/** The `authorization` entry of a call, as the HTTP header of that name would carry it. */
export function authorizationOf(metadata: Metadata): string | undefined {
  return metadata.get("authorization")[0]?.toString();
}

/** The time between a call's headers and the end of what the sender sends. */
class Receiving {
  readonly #call: ServerInterceptingCallInterface;
  readonly #admission: Admission;
  readonly #lane: Lane;
  readonly #ended = new AbortController();
  #giveBack: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(call: ServerInterceptingCallInterface, admission: Admission, lane: Lane) {
    this.#call = call;
    this.#admission = admission;
    this.#lane = lane;
  }

  async begin(metadata: Metadata, pass: (metadata: Metadata) => void): Promise<void> {
    const gone = this.#ended.signal;
    try {
      const sender = this.#lane.needsToken ? this.#admission.token(authorizationOf(metadata)).id : "";
      this.#giveBack = await this.#lane.slots.take(sender, gone);
    } catch (error) {
      if (!gone.aborted) this.#call.sendStatus(grpcStatusOf(this.#admission.refusal(error, {})));
      return;
    }
    if (gone.aborted) {
      this.#giveBack();
      return;
    }
    this.#timer = setTimeout(() => this.#giveUp(), this.#lane.timeoutMs);
    pass(metadata);
  }

  end(): void {
    this.#ended.abort();
    clearTimeout(this.#timer);
    this.#giveBack?.();
  }

  #giveUp(): void {
    this.end();
    this.#call.sendStatus({ code: status.DEADLINE_EXCEEDED, details: `the message did not arrive within ${this.#lane.timeoutMs} ms` });
  }
}
