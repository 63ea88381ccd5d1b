-- The writer's own books: batches as they were cut (a retry after a crash cuts the same), and messages that cannot be stored.
CREATE TABLE ingest_ledger
(
  at DateTime('UTC'),
  topic LowCardinality(String),
  part UInt16,
  first_off UInt64,
  last_off UInt64
)
ENGINE = {MergeTree}
PARTITION BY toDate(at)
ORDER BY (topic, part, first_off)
TTL toDate(at) + INTERVAL 7 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
CREATE TABLE ingest_dlq
(
  at DateTime('UTC'),
  topic LowCardinality(String),
  part UInt16,
  off UInt64,
  source LowCardinality(String),
  stage LowCardinality(String),
  error String,
  raw String CODEC(ZSTD(3))
)
ENGINE = {ReplacingMergeTree}
PARTITION BY toDate(at)
ORDER BY (topic, part, off, stage)
TTL toDate(at) + INTERVAL 14 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
