-- Metrics: narrow points that name their series by id; the catalogue says once a day what the series is.
-- Keys, codecs and their measured reasons: docs/adr/0003-telemetry-tables.md
CREATE TABLE metric_points
(
  department LowCardinality(String), site LowCardinality(String), tier LowCardinality(String),
  metric LowCardinality(String),
  kind Enum8('gauge' = 1, 'sum' = 2, 'delta' = 3),
  entity_id UInt64 CODEC(ZSTD(1)), series_id UInt64 CODEC(ZSTD(1)),
  ts DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
  value Float64 CODEC(Delta(8), ZSTD(1)),
  flags UInt8 DEFAULT 0 CODEC(ZSTD(1))
)
ENGINE = {MergeTree}
PARTITION BY toDate(ts)
ORDER BY (metric, department, toStartOfHour(ts), series_id, ts)
TTL toDate(ts) + INTERVAL 14 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
CREATE TABLE metric_hist
(
  department LowCardinality(String), site LowCardinality(String), tier LowCardinality(String),
  metric LowCardinality(String),
  entity_id UInt64 CODEC(ZSTD(1)), series_id UInt64 CODEC(ZSTD(1)),
  ts DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
  temporality UInt8,
  start_ts DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
  count UInt64 CODEC(Delta(8), ZSTD(1)),
  sum Float64 CODEC(Delta(8), ZSTD(1)),
  min Nullable(Float64) CODEC(ZSTD(1)),
  max Nullable(Float64) CODEC(ZSTD(1)),
  buckets Array(UInt64) CODEC(Delta(8), ZSTD(1))
)
ENGINE = {MergeTree}
PARTITION BY toDate(ts)
ORDER BY (metric, department, toStartOfHour(ts), series_id, ts)
TTL toDate(ts) + INTERVAL 14 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
CREATE TABLE metric_exphist
(
  department LowCardinality(String), site LowCardinality(String), tier LowCardinality(String),
  metric LowCardinality(String),
  entity_id UInt64 CODEC(ZSTD(1)), series_id UInt64 CODEC(ZSTD(1)),
  ts DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
  temporality UInt8,
  start_ts DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
  count UInt64 CODEC(Delta(8), ZSTD(1)),
  sum Float64 CODEC(Delta(8), ZSTD(1)),
  scale Int8,
  zero_count UInt64 CODEC(ZSTD(1)),
  zero_threshold Float64 CODEC(ZSTD(1)),
  positive_offset Int32 CODEC(ZSTD(1)),
  positive Array(UInt64) CODEC(ZSTD(1)),
  negative_offset Int32 CODEC(ZSTD(1)),
  negative Array(UInt64) CODEC(ZSTD(1))
)
ENGINE = {MergeTree}
PARTITION BY toDate(ts)
ORDER BY (metric, department, toStartOfHour(ts), series_id, ts)
TTL toDate(ts) + INTERVAL 14 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
CREATE TABLE metric_summary
(
  department LowCardinality(String), site LowCardinality(String), tier LowCardinality(String),
  metric LowCardinality(String),
  entity_id UInt64 CODEC(ZSTD(1)), series_id UInt64 CODEC(ZSTD(1)),
  ts DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
  count UInt64 CODEC(Delta(8), ZSTD(1)),
  sum Float64 CODEC(Delta(8), ZSTD(1)),
  quantiles Array(Float64) CODEC(ZSTD(1)),
  values Array(Float64) CODEC(ZSTD(1))
)
ENGINE = {MergeTree}
PARTITION BY toDate(ts)
ORDER BY (metric, department, toStartOfHour(ts), series_id, ts)
TTL toDate(ts) + INTERVAL 14 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
CREATE TABLE metric_series
(
  day Date,
  department LowCardinality(String), site LowCardinality(String), tier LowCardinality(String),
  metric LowCardinality(String),
  entity_id UInt64 CODEC(ZSTD(1)), series_id UInt64 CODEC(ZSTD(1)),
  entity String CODEC(ZSTD(1)),
  kind LowCardinality(String),
  unit LowCardinality(String),
  monotonic Bool,
  resource_id UInt64,
  scope LowCardinality(String),
  labels Map(LowCardinality(String), String) CODEC(ZSTD(3)),
  bounds Array(Float64) CODEC(ZSTD(1)),
  last_seen DateTime('UTC'),
  items Array(String) ALIAS arrayMap((k, v) -> concat(k, '=', v), mapKeys(labels), mapValues(labels)),
  INDEX ix_items items TYPE text(tokenizer = 'array')
)
ENGINE = {ReplacingMergeTree(last_seen)}
PARTITION BY toYYYYMM(day)
ORDER BY (metric, department, day, series_id)
TTL day + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
CREATE TABLE exemplars
(
  department LowCardinality(String),
  metric LowCardinality(String),
  series_id UInt64 CODEC(ZSTD(1)),
  ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  value Float64 CODEC(ZSTD(1)),
  trace_id String CODEC(ZSTD(1)),
  span_id String CODEC(ZSTD(1)),
  attrs Map(LowCardinality(String), String) CODEC(ZSTD(1))
)
ENGINE = {MergeTree}
PARTITION BY toDate(ts)
ORDER BY (metric, department, toStartOfHour(ts), series_id, ts)
TTL toDate(ts) + INTERVAL 14 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
