/** Something that runs and can be ended and started again. */
export interface Runner {
  readonly isRunning: boolean;
  /** kill -9 */
  kill(): Promise<void>;
  /** SIGTERM */
  terminate(): Promise<void>;
  /** Resolves when it is ready. @throws Error when it does not come up */
  start(): Promise<void>;
}

/** Keeps a process up, as a service manager does, unless it is down on purpose; one start at a time. */
export class KeptProcess {
  readonly #name: string;
  readonly #runner: Runner;
  readonly #onCrash: (text: string) => void;
  #wanted = true;
  #starting: Promise<void> | undefined;

  constructor(name: string, runner: Runner, onCrash: (text: string) => void) {
    this.#name = name;
    this.#runner = runner;
    this.#onCrash = onCrash;
  }

  /** Ends it, also one that is just starting, and keeps it down. */
  async down(how: "kill" | "terminate"): Promise<void> {
    this.#wanted = false;
    await this.#runner[how]();
    await this.#starting;
    await this.#runner[how]();
  }

  /** Resolves when it is ready, or has failed to become so: then `look` tries again. */
  up(): Promise<void> {
    this.#wanted = true;
    return this.#start();
  }

  /** Starts it when it has ended by itself. */
  look(): void {
    if (!this.#wanted || this.#runner.isRunning || this.#starting !== undefined) return;
    this.#onCrash(`${this.#name} ended by itself`);
    void this.#start();
  }

  #start(): Promise<void> {
    this.#starting ??= this.#runner
      .start()
      .catch((error: unknown) => {
        if (this.#wanted) this.#onCrash(`${this.#name} did not start: ${error instanceof Error ? error.message : String(error)}`);
      })
      .finally(() => {
        this.#starting = undefined;
      });
    return this.#starting;
  }
}
