export { type Console, type ConsoleDependencies, createConsole } from "./console.ts";
export type { IngestOffice } from "./http/ingest-office.ts";
