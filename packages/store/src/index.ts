export { DictionaryColumn } from "./dictionary-column.ts";
export { digitsOf, putDigits, putHex } from "./digits.ts";
export { type EmbeddedStoreOptions, openEmbeddedStore } from "./embedded-store.ts";
export { ArrayColumn, FixedColumn, NullableFloatColumn } from "./fixed-column.ts";
export { MapColumn } from "./map-column.ts";
export { migrateStore } from "./migrate.ts";
export { encodeBlock } from "./native-block.ts";
export type { NativeColumn } from "./native-column.ts";
export { lastSpanCut, type MarkedMinute, markCallMinutes, noteCallRepair, pendingCallMinutes, repairCallMinute } from "./queries/call-repairs.ts";
export { type DerivedBucket, derivedBuckets } from "./queries/derived-points.ts";
export { type AccountSums, accountSums, type ChainFault, chainFaults } from "./queries/ingest-accounts.ts";
export { newestPoints, type PointRow } from "./queries/newest-points.ts";
export {
  dropPartition,
  noteRetentionDrop,
  noteRetentionRules,
  type RetentionDrop,
  retentionDrops,
  retentionRuleVersions,
  type StoreDisk,
  type StorePartition,
  storagePolicyVolumes,
  storeDisks,
  storePartitions,
  tableEngines,
} from "./queries/retention.ts";
export {
  type LabelCardinality,
  labelCardinality,
  type MetricCardinality,
  type MetricLabels,
  metricCardinality,
  RESOURCE_LABEL,
} from "./queries/series-cardinality.ts";
export { findSeries, type SeriesFilter, type SeriesRow, seriesById } from "./queries/series-catalogue.ts";
export {
  type DistributionBucket,
  distributionBuckets,
  type LastValueRow,
  lastValues,
  MAX_LINES,
  type NumberLine,
  type NumberMeasure,
  numberBuckets,
  type PointsWindow,
} from "./queries/series-points.ts";
export { type SiteFreshnessRow, siteFreshness, siteLastSeen } from "./queries/site-freshness.ts";
export { type TableSizeRow, tableSizes } from "./queries/table-sizes.ts";
export { type CallRow, callRows, type ResourceRow, resourceRows } from "./queries/topology-rows.ts";
export { openServerStore, type ServerStoreOptions } from "./server-store.ts";
export type { InsertOptions, QueryParameters, Store } from "./store.ts";
export { StringColumn } from "./string-column.ts";
export { TypedColumn } from "./typed-column.ts";
