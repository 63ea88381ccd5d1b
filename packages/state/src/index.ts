export { type EmbeddedState, type EmbeddedStateOptions, openEmbeddedState } from "./embedded-state.ts";
export { migrate } from "./migrate.ts";
export { type Outbox, type OutboxMessage, type OutboxOptions, type Publisher, startOutbox } from "./outbox.ts";
export { openServerState, type ServerStateOptions } from "./server-state.ts";
export type { Queryable, Row, State } from "./state.ts";
export type { StateLogger } from "./state-logger.ts";
