-- Resources: every attribute set once a day; logs and spans name it by id.
CREATE TABLE resources
(
  day Date,
  department LowCardinality(String), site LowCardinality(String), tier LowCardinality(String),
  resource_id UInt64,
  entity_id UInt64,
  entity String CODEC(ZSTD(1)),
  service LowCardinality(String),
  attrs Map(LowCardinality(String), String) CODEC(ZSTD(3)),
  last_seen DateTime('UTC'),
  items Array(String) ALIAS arrayMap((k, v) -> concat(k, '=', v), mapKeys(attrs), mapValues(attrs)),
  INDEX ix_items items TYPE text(tokenizer = 'array')
)
ENGINE = {ReplacingMergeTree(last_seen)}
PARTITION BY toYYYYMM(day)
ORDER BY (department, day, resource_id)
TTL day + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
-- Logs. `ret` is the retention class: part of the partition key, so that one TTL expression drops whole parts.
CREATE TABLE logs
(
  department LowCardinality(String), site LowCardinality(String), tier LowCardinality(String),
  service LowCardinality(String),
  ret Enum8('short' = 1, 'std' = 2, 'mlps' = 3),
  ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  received_at DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
  severity UInt8,
  resource_id UInt64 CODEC(ZSTD(1)),
  entity_id UInt64 CODEC(ZSTD(1)),
  trace_id String CODEC(ZSTD(1)),
  span_id String CODEC(ZSTD(1)),
  body String CODEC(ZSTD(1)),
  attrs Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  items Array(String) ALIAS arrayMap((k, v) -> concat(k, '=', v), mapKeys(attrs), mapValues(attrs)),
  INDEX ix_body lower(body) TYPE text(tokenizer = 'splitByNonAlpha'),
  INDEX ix_trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1,
  INDEX ix_items items TYPE text(tokenizer = 'array'),
  INDEX ix_severity severity TYPE minmax GRANULARITY 1
)
ENGINE = {MergeTree}
PARTITION BY (toDate(ts), ret)
ORDER BY (department, toStartOfFiveMinutes(ts), service, ts)
TTL toDate(ts) + toIntervalDay(multiIf(ret = 'short', 7, ret = 'std', 30, 190))
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
CREATE TABLE spans
(
  department LowCardinality(String), site LowCardinality(String), tier LowCardinality(String),
  service LowCardinality(String),
  name LowCardinality(String),
  kind Enum8('unspecified' = 0, 'internal' = 1, 'server' = 2, 'client' = 3, 'producer' = 4, 'consumer' = 5),
  ts DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  duration_us UInt64 CODEC(ZSTD(1)),
  status Enum8('unset' = 0, 'ok' = 1, 'error' = 2),
  trace_id FixedString(16) CODEC(ZSTD(1)),
  span_id FixedString(8),
  parent_id FixedString(8) CODEC(ZSTD(1)),
  peer LowCardinality(String),
  resource_id UInt64 CODEC(ZSTD(1)),
  entity_id UInt64 CODEC(ZSTD(1)),
  attrs Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  events String CODEC(ZSTD(3)),
  links String CODEC(ZSTD(3)),
  items Array(String) ALIAS arrayMap((k, v) -> concat(k, '=', v), mapKeys(attrs), mapValues(attrs)),
  INDEX ix_trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1,
  INDEX ix_items items TYPE text(tokenizer = 'array'),
  INDEX ix_duration duration_us TYPE minmax GRANULARITY 1
)
ENGINE = {MergeTree}
PARTITION BY toDate(ts)
ORDER BY (department, toStartOfFiveMinutes(ts), service, name, ts)
TTL toDate(ts) + INTERVAL 15 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
CREATE TABLE trace_index
(
  department LowCardinality(String),
  day Date,
  trace_id FixedString(16),
  start SimpleAggregateFunction(min, DateTime64(6, 'UTC')),
  end SimpleAggregateFunction(max, DateTime64(6, 'UTC')),
  spans SimpleAggregateFunction(sum, UInt64),
  errors SimpleAggregateFunction(sum, UInt64)
)
ENGINE = {AggregatingMergeTree}
PARTITION BY day
ORDER BY (department, trace_id, day)
TTL day + INTERVAL 15 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
CREATE MATERIALIZED VIEW mv_trace_index TO trace_index AS
SELECT department, toDate(ts) AS day, trace_id, min(ts) AS start, max(ts + toIntervalMicrosecond(duration_us)) AS end, count() AS spans, countIf(status = 'error') AS errors
FROM spans
GROUP BY department, day, trace_id;
-- Who calls whom, from spans joined in the writer; `dst_kind` tells what the callee is.
CREATE TABLE service_edges_1m
(
  department LowCardinality(String), site LowCardinality(String), tier LowCardinality(String),
  t DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
  src LowCardinality(String),
  dst LowCardinality(String),
  dst_kind Enum8('service' = 1, 'database' = 2, 'queue' = 3, 'external' = 4),
  dst_site LowCardinality(String),
  calls SimpleAggregateFunction(sum, UInt64),
  errors SimpleAggregateFunction(sum, UInt64),
  duration_sum_us SimpleAggregateFunction(sum, UInt64),
  duration_max_us SimpleAggregateFunction(max, UInt64)
)
ENGINE = {AggregatingMergeTree}
PARTITION BY toYYYYMM(t)
ORDER BY (department, t, src, dst, dst_kind, site, dst_site, tier)
TTL toDate(t) + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
