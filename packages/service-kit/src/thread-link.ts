import type { MessagePort, Worker } from "node:worker_threads";
import { ERROR_CODES, type ErrorCode, YunweiError } from "@yunwei/schemas";
import { type BirpcReturn, createBirpc } from "birpc";

/** An error on its way: a structured clone would lose its code. */
interface PackedError {
  readonly code: string | undefined;
  readonly message: string;
  readonly details: unknown;
  readonly stack: string | undefined;
}

/** The functions of another thread. */
export interface ThreadLink<Remote extends object> {
  readonly remote: BirpcReturn<Remote, object>;
  /** Rejects what is still asked, and everything after. @param why - for those who ask */
  close(why: Error): void;
}

/**
 * Joins two threads: each calls the functions that the other one gives. Arguments and results are copied (structured clone); an
 * error arrives with its code, so that a YunweiError stays one.
 * @param local - what the other side may call; may return promises
 */
export function linkThreads<Remote extends object>(port: MessagePort | Worker, local: object): ThreadLink<Remote> {
  const remote = createBirpc<Remote, object>(local, {
    post: (message) => port.postMessage(message),
    on: (listen) => void port.on("message", listen),
    off: (listen) => void port.off("message", listen),
    bind: "functions",
    timeout: -1,
    serialize: (message) => (message.e === undefined ? message : { ...message, e: pack(message.e) }),
    deserialize: (message) => (message.e === undefined ? message : { ...message, e: unpack(message.e) }),
  });
  return { remote, close: (why) => remote.$close(why) };
}

function pack(error: unknown): PackedError {
  if (!(error instanceof Error)) return { code: undefined, message: String(error), details: undefined, stack: undefined };
  const { message, stack, code, details } = error as Error & { code?: string; details?: unknown };
  return { code, message, details, stack };
}

function unpack({ code, message, details, stack }: PackedError): Error {
  const error =
    code !== undefined && code in ERROR_CODES ? new YunweiError(code as ErrorCode, message, { details }) : Object.assign(new Error(message), { code });
  if (stack !== undefined) error.stack = stack;
  return error;
}
