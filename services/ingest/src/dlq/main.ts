import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { ApiSession } from "./api-session.ts";
import { runDlq } from "./dlq-command.ts";
import { DLQ_HELP, parseDlqOptions } from "./dlq-options.ts";

/** What senders have written must not steer the terminal. */
function plain(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, "·");
}

/** Asks at the terminal. @param hidden - what is typed is not shown */
async function ask(question: string, hidden = false): Promise<string> {
  if (!process.stdin.isTTY)
    throw new Error(hidden ? "give the password in a file (--password-file) or as YUNWEI_PASSWORD" : "say --yes: there is nobody to ask");
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: hidden ? nowhere : process.stderr, terminal: hidden });
  try {
    return await terminal.question("");
  } finally {
    terminal.close();
    if (hidden) process.stderr.write("\n");
  }
}

try {
  const options = parseDlqOptions(process.argv.slice(2), process.env["YUNWEI_DATA"] ?? "./data", Date.now());
  if (options.command === "help") console.log(DLQ_HELP);
  else {
    const { data, user, passwordFile } = options;
    const password = async () =>
      passwordFile === undefined
        ? (process.env["YUNWEI_PASSWORD"] ?? (await ask(`password of ${user}: `, true)))
        : (await readFile(passwordFile, "utf8")).trim();
    const confirm = async (question: string) => /^y(es)?$/i.test((await ask(`${question} (y/N) `)).trim());
    process.exitCode = await runDlq(options, await ApiSession.open(data, user, password), { print: (text) => console.log(plain(text)), confirm });
  }
} catch (error) {
  console.error(`yunwei dlq: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
