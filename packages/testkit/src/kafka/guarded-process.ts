import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/*
 * The shell starts the program, says its process id, and then reads its own standard input, a pipe that only the tests hold:
 * when they end, in whatever way, the pipe closes and the program is killed.
 */
const GUARD = `log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & pid=$!; echo "$pid"; cat >/dev/null; kill -9 "$pid" 2>/dev/null; wait "$pid" 2>/dev/null`;

/** A child that cannot outlive this process, not even its kill -9. */
export class GuardedProcess {
  readonly #guard: ChildProcess;
  readonly #pid: number;

  private constructor(guard: ChildProcess, pid: number) {
    this.#guard = guard;
    this.#pid = pid;
  }

  /** Starts `command` with its output appended to the file `log`. */
  static async start(command: readonly string[], log: string): Promise<GuardedProcess> {
    const guard = spawn("sh", ["-c", GUARD, "guard", log, ...command], { stdio: ["pipe", "pipe", "ignore"], detached: true });
    guard.stdin.on("error", () => undefined);
    const [line] = (await once(guard.stdout.setEncoding("utf8"), "data")) as [string];
    guard.stdout.destroy();
    guard.unref();
    return new GuardedProcess(guard, Number(line));
  }

  get isRunning(): boolean {
    try {
      process.kill(this.#pid, 0);
      return this.#guard.exitCode === null;
    } catch {
      return false;
    }
  }

  /** kill -9, at once. */
  kill(): void {
    this.signal("SIGKILL");
  }

  signal(signal: NodeJS.Signals): void {
    try {
      process.kill(this.#pid, signal);
    } catch {
      // It has ended by itself: there is nobody to tell.
    }
  }

  /** SIGTERM, and waits for the end of the program; kill -9 when it takes longer than `limitMs`. */
  async terminate(limitMs: number): Promise<void> {
    this.signal("SIGTERM");
    const deadlineMs = Date.now() + limitMs;
    while (this.isRunning && Date.now() < deadlineMs) await sleep(50);
    await this.end();
  }

  /** kill -9, and waits until the guard is gone too. */
  async end(): Promise<void> {
    this.kill();
    if (this.#guard.exitCode !== null || this.#guard.signalCode !== null) return;
    this.#guard.ref();
    const ended = once(this.#guard, "exit");
    this.#guard.stdin?.end();
    await ended;
  }
}
