-- Where batches were cut, instead of ingest_ledger, which is written no more. Not partitioned: an insert with a token that is known in the
-- same partition is dropped, so that the first writer to note a cut is the only one, at midnight too. `first_ms` tells logs apart that
-- begin at offset 0 again.
CREATE TABLE ingest_cuts
(
  at DateTime('UTC'),
  topic LowCardinality(String),
  part UInt16,
  first_off UInt64,
  first_ms Int64,
  last_off UInt64
)
ENGINE = {MergeTree}
ORDER BY (topic, part, first_off)
TTL toDate(at) + INTERVAL 7 DAY
SETTINGS non_replicated_deduplication_window = 100000, fsync_after_insert = 1, fsync_part_directory = 1;
-- What became of the items of each batch, by who sent them: accepted = stored + dead_items + missing - surplus. `at` is when the batch was first cut.
CREATE TABLE ingest_accounting
(
  at DateTime('UTC'),
  topic LowCardinality(String),
  part UInt16,
  first_off UInt64,
  last_off UInt64,
  source LowCardinality(String),
  messages UInt64,
  unannounced UInt64,
  accepted UInt64,
  stored UInt64,
  rejected UInt64,
  reason String,
  dead_messages UInt64,
  dead_items UInt64,
  missing UInt64,
  surplus UInt64
)
ENGINE = {MergeTree}
PARTITION BY toMonday(at)
ORDER BY (topic, part, first_off, source)
TTL toDate(at) + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
