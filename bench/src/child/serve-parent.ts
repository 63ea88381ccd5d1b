import type { ChildAnswer, ChildQuestion } from "./child-process.ts";

/** Answers the questions of the parent (BenchChild), by name, until it lets go of this process; then `close` is called. */
export function serveParent(answers: Readonly<Record<string, (argument: never) => unknown>>, close: () => Promise<unknown>): void {
  const send = (answer: ChildAnswer): void => {
    process.send?.(answer);
  };
  process.on("message", ({ number, name, argument }: ChildQuestion) => {
    void (async () => {
      try {
        const answer = answers[name];
        if (answer === undefined) throw new Error(`${name} is not a question`);
        send({ number, value: await answer(argument as never) });
      } catch (error) {
        send({ number, error: error instanceof Error ? error.message : String(error) });
      }
    })();
  });
  process.once("disconnect", () => {
    void close().finally(() => process.exit(0));
  });
}
