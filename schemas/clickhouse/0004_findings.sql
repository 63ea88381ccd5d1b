-- Findings: one row a state of a deviation (producer: anomaly), one row a transition of an alert (producer: alerting).
CREATE TABLE anomalies
(
  department LowCardinality(String), site LowCardinality(String), tier LowCardinality(String),
  detector LowCardinality(String),
  metric LowCardinality(String),
  entity_id UInt64 CODEC(ZSTD(1)), series_id UInt64 CODEC(ZSTD(1)),
  entity String CODEC(ZSTD(1)),
  ts DateTime64(3, 'UTC'),
  value Float64,
  expected Float64,
  lower Float64,
  upper Float64,
  score Float32,
  severity UInt8,
  direction Int8,
  anomaly_id String
)
ENGINE = {ReplacingMergeTree}
PARTITION BY toYYYYMM(ts)
ORDER BY (department, toStartOfHour(ts), entity_id, detector, series_id, ts, anomaly_id)
TTL toDate(ts) + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
CREATE TABLE alert_events
(
  department LowCardinality(String), site LowCardinality(String), tier LowCardinality(String),
  alert_id String,
  group_id String,
  policy_id LowCardinality(String),
  entity String CODEC(ZSTD(1)),
  event LowCardinality(String),
  severity LowCardinality(String),
  at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  seq UInt64,
  payload String CODEC(ZSTD(3))
)
ENGINE = {ReplacingMergeTree(seq)}
PARTITION BY toYYYYMM(at)
ORDER BY (department, toStartOfHour(at), alert_id, event, at)
TTL toDate(at) + INTERVAL 1095 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
