export type { InsertOptions, QueryParameters, Store } from "./store.ts";
