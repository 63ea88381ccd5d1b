import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** One answer of a child, by the number of its question. */
export interface ChildAnswer {
  readonly number: number;
  readonly value?: unknown;
  readonly error?: string;
}

export interface ChildQuestion {
  readonly number: number;
  readonly name: string;
  readonly argument: unknown;
}

/** A process of its own that answers questions (see serve-parent.ts). Ctrl-C at the terminal does not reach it; it ends with its parent. */
export class BenchChild {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #asked = 0;

  /** @param script - of the child; it calls serveParent. @param heapMb - most memory for its objects, MiB; default what Node takes */
  constructor(script: string, args: readonly string[] = [], heapMb?: number) {
    this.#child = fork(script, args, {
      serialization: "advanced",
      detached: true,
      execArgv: heapMb === undefined ? [] : [`--max-old-space-size=${heapMb}`],
    });
    this.pid = this.#child.pid!;
    this.#child.on("message", ({ number, value, error }: ChildAnswer) => {
      const waiting = this.#waiting.get(number);
      this.#waiting.delete(number);
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(new Error(error));
    });
    this.#child.once("exit", (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${script} has ended (${signal ?? code}); its complaint is above`));
      this.#waiting.clear();
    });
  }

  /** @throws Error what the child throws, or that it has ended */
  ask<T>(name: string, argument?: unknown): Promise<T> {
    const number = this.#asked++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(number, { resolve: resolve as (value: unknown) => void, reject });
      this.#child.send({ number, name, argument } satisfies ChildQuestion, (error) => {
        if (error !== null) reject(error);
      });
    });
  }

  /** Lets it end in good order. Idempotent. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    if (this.#child.connected) this.#child.disconnect();
    await ended;
  }
}
