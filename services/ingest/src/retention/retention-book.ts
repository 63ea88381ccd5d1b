import type { LogDecoding, Wire } from "@yunwei/otlp";
import { type FollowedFile, followFile, type Logger } from "@yunwei/service-kit";
import { noteRetentionRules, retentionRuleVersions, type Store } from "@yunwei/store";
import { BUILTIN_RULE_SET, parseRetentionFile, type RetentionClass, type RetentionRuleSet } from "./retention-file.ts";
import { RetentionRules } from "./retention-rules.ts";

/** New rules are for records received this much later: by then every writer knows them. */
const NOTICE_MS = 60_000;
const LOOK_EVERY_MS = 20_000;
const DAY_MS = 86_400_000;
/** Of records from before any rules: what was stored then was all of it. */
const BEFORE_RULES: RetentionRuleSet = { rules: [], default: "std" };

export interface RetentionBookOptions {
  readonly store: Store;
  /** retention.yaml; undefined = the rules that others have put into the store. */
  readonly path: string | undefined;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

interface Version {
  readonly activeFromMs: number;
  readonly text: string;
  readonly rules: RetentionRules;
}

/**
 * Rules as they came into force, kept in the store. A record goes by those of the moment when it was received: a batch that is stored
 * again after a crash gets the classes it had, though the file has changed since. Another class would be another partition,
 * where the batch's token is not known, and its records would be there twice.
 */
export class RetentionBook {
  readonly #options: RetentionBookOptions;
  /** The newest last. */
  #versions: Version[] = [versionOf(0, BEFORE_RULES)];
  #wanted: RetentionRuleSet | undefined;
  #file: FollowedFile<RetentionRuleSet> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();

  private constructor(options: RetentionBookOptions) {
    this.#options = options;
  }

  /** @throws YunweiError when the store cannot be asked */
  static async open(options: RetentionBookOptions): Promise<RetentionBook> {
    const book = new RetentionBook(options);
    const { path, logger } = options;
    if (path === undefined) book.#wanted = undefined;
    else {
      const take = (set: RetentionRuleSet): void => {
        book.#wanted = set;
        if (book.#timer !== undefined) book.#later();
      };
      book.#file = await followFile({ path, parse: parseRetentionFile, fallback: BUILTIN_RULE_SET, logger, onChange: take });
      book.#wanted = book.#file.current();
    }
    await book.refresh();
    book.#timer = setInterval(() => book.#later(), LOOK_EVERY_MS);
    book.#timer.unref();
    return book;
  }

  /** The class of record `row` of a request. @param wire - open on the request */
  classOf(decoded: LogDecoding, receivedMs: number, row: number, wire: Wire): RetentionClass {
    const versions = this.#versions;
    let at = versions.length - 1;
    while (at > 0 && versions[at]!.activeFromMs > receivedMs) at--;
    return versions[at]!.rules.classOf(decoded, row, wire);
  }

  /** Looks at the store now, and puts the file's rules into it when they are new. */
  async refresh(): Promise<void> {
    const { store, nowMs, logger } = this.#options;
    const stored = await retentionRuleVersions(store);
    const newest = stored.at(-1)?.rules;
    const wanted = this.#wanted ?? (newest === undefined ? BUILTIN_RULE_SET : undefined);
    if (wanted !== undefined && textOf(wanted) !== newest) {
      const activeFromMs = newest === undefined && (await isFresh(store)) ? Math.floor(nowMs()) - DAY_MS : Math.ceil(nowMs()) + NOTICE_MS;
      await noteRetentionRules(store, activeFromMs, textOf(wanted));
      stored.push({ activeFromMs, rules: textOf(wanted) });
      logger.info({ activeFrom: new Date(activeFromMs).toISOString(), rules: wanted.rules.length }, "rules of retention come into force");
    }
    const known = new Map(this.#versions.map((version) => [`${version.activeFromMs} ${version.text}`, version]));
    const versions = stored.map(({ activeFromMs, rules }) => known.get(`${activeFromMs} ${rules}`) ?? versionOf(activeFromMs, parseRetentionFile(rules)));
    this.#versions = [this.#versions[0]!, ...versions];
  }

  #later(): void {
    this.#running = this.#running
      .then(() => this.refresh())
      .catch((error: unknown) => this.#options.logger.warn({ err: error }, "rules of retention could not be looked at; those known stay in force"));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#file?.close();
    await this.#running;
  }
}

/** Whether no batch of logs was ever cut: nothing can come a second time. */
async function isFresh(store: Store): Promise<boolean> {
  return (await store.query("SELECT 1 FROM ingest_cuts WHERE topic = 'otlp_logs' LIMIT 1")).length === 0;
}

function versionOf(activeFromMs: number, set: RetentionRuleSet): Version {
  return { activeFromMs, text: textOf(set), rules: new RetentionRules(set) };
}

/** The rules whole, also those that are built in today. JSON is YAML: it is read like the file. */
function textOf({ rules, default: otherwise }: RetentionRuleSet): string {
  return JSON.stringify({ builtin: false, default: otherwise, rules });
}
