export { type EmbeddedStoreOptions, openEmbeddedStore } from "./embedded-store.ts";
export { migrateStore } from "./migrate.ts";
export { ArrayColumn, encodeBlock, FixedColumn, MapColumn, type NativeColumn, NullableFloatColumn, StringColumn } from "./native-block.ts";
export { type CallRow, callRows, type ResourceRow, resourceRows } from "./queries/topology-rows.ts";
export type { InsertOptions, QueryParameters, Store } from "./store.ts";
