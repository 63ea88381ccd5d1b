-- The writer sums up roll-ups and the index of traces itself, from the same sorted batch, and inserts them with the batch's token:
-- a third of the CPU of the views that did it (docs/adr/0008).
DROP VIEW IF EXISTS mv_metric_5m;
DROP VIEW IF EXISTS mv_metric_1h;
DROP VIEW IF EXISTS mv_trace_index;
-- Bloom filters instead of text indexes on logs and spans: an index of every word cost twice the insert itself, and as much again at every
-- merge, and was larger than the data.
ALTER TABLE logs DROP INDEX IF EXISTS ix_body, DROP INDEX IF EXISTS ix_items,
  ADD INDEX IF NOT EXISTS ix_words lower(body) TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 1,
  ADD INDEX IF NOT EXISTS ix_pairs items TYPE bloom_filter(0.01) GRANULARITY 1;
ALTER TABLE spans DROP INDEX IF EXISTS ix_items,
  ADD INDEX IF NOT EXISTS ix_pairs items TYPE bloom_filter(0.01) GRANULARITY 1;
