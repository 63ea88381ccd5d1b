-- Sums of calls are corrected once the stored spans are known whole (docs/adr/0012): corrections may be negative.
ALTER TABLE service_edges_1m
  MODIFY COLUMN calls SimpleAggregateFunction(sum, Int64),
  MODIFY COLUMN errors SimpleAggregateFunction(sum, Int64),
  MODIFY COLUMN duration_sum_us SimpleAggregateFunction(sum, Int64);
-- Minutes whose calls are to be counted anew from the stored spans: marked (done = 0), and counted for the mark of that moment (done = 1).
CREATE TABLE call_repairs
(
  t DateTime('UTC'),
  at DateTime64(3, 'UTC'),
  done UInt8
)
ENGINE = {MergeTree}
ORDER BY (t, at)
TTL toDate(at) + INTERVAL 16 DAY
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
-- What the guard of the disk has dropped before its time, and why.
CREATE TABLE retention_drops
(
  at DateTime64(3, 'UTC'),
  table LowCardinality(String),
  class LowCardinality(String),
  day Date,
  partition_id String,
  rows UInt64,
  bytes UInt64,
  free_bytes UInt64,
  wanted_bytes UInt64,
  reason String
)
ENGINE = {MergeTree}
ORDER BY at
TTL toDate(at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;
-- Rules of retention classes as they came into force, whole; a record goes by those in force when it was received, also when it is stored again later.
CREATE TABLE retention_rules
(
  active_from DateTime64(3, 'UTC'),
  rules String
)
ENGINE = {MergeTree}
ORDER BY active_from
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;
