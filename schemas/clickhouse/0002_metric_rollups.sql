-- Roll-ups of number points: 5 min and 1 h (a 1 min one would be larger than the raw data). A retry of an insert is dropped here too: each has its own window.
CREATE TABLE metric_5m
(
  department LowCardinality(String), site LowCardinality(String), tier LowCardinality(String),
  metric LowCardinality(String),
  entity_id UInt64 CODEC(ZSTD(1)), series_id UInt64 CODEC(ZSTD(1)),
  t DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
  n SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  s SimpleAggregateFunction(sum, Float64) CODEC(Delta(8), ZSTD(1)),
  mn SimpleAggregateFunction(min, Float64) CODEC(Delta(8), ZSTD(1)),
  mx SimpleAggregateFunction(max, Float64) CODEC(Delta(8), ZSTD(1)),
  last AggregateFunction(argMax, Float64, DateTime('UTC'))
)
ENGINE = {AggregatingMergeTree}
PARTITION BY toMonday(t)
ORDER BY (metric, department, toStartOfDay(t), series_id, t, site, tier, entity_id)
TTL toDate(t) + INTERVAL 180 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
CREATE MATERIALIZED VIEW mv_metric_5m TO metric_5m AS
SELECT department, site, tier, metric, entity_id, series_id, toStartOfFiveMinutes(ts) AS t, count() AS n, sum(value) AS s, min(value) AS mn, max(value) AS mx, argMaxState(value, ts) AS last
FROM metric_points
WHERE isFinite(value)
GROUP BY department, site, tier, metric, entity_id, series_id, t;
CREATE TABLE metric_1h
(
  department LowCardinality(String), site LowCardinality(String), tier LowCardinality(String),
  metric LowCardinality(String),
  entity_id UInt64 CODEC(ZSTD(1)), series_id UInt64 CODEC(ZSTD(1)),
  t DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
  n SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  s SimpleAggregateFunction(sum, Float64) CODEC(Delta(8), ZSTD(1)),
  mn SimpleAggregateFunction(min, Float64) CODEC(Delta(8), ZSTD(1)),
  mx SimpleAggregateFunction(max, Float64) CODEC(Delta(8), ZSTD(1)),
  last AggregateFunction(argMax, Float64, DateTime('UTC'))
)
ENGINE = {AggregatingMergeTree}
PARTITION BY toYYYYMM(t)
ORDER BY (metric, department, toMonday(t), series_id, t, site, tier, entity_id)
TTL toDate(t) + INTERVAL 1095 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
CREATE MATERIALIZED VIEW mv_metric_1h TO metric_1h AS
SELECT department, site, tier, metric, entity_id, series_id, toStartOfHour(ts) AS t, count() AS n, sum(value) AS s, min(value) AS mn, max(value) AS mx, argMaxState(value, ts) AS last
FROM metric_points
WHERE isFinite(value)
GROUP BY department, site, tier, metric, entity_id, series_id, t;
