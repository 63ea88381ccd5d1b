/** The part of a pino logger that this package uses, so that it needs no logging dependency of its own. */
export interface StateLogger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}
