-- The writer sums up roll-ups and the index of traces itself, from the same sorted batch, and inserts them with the batch's token:
-- a third of the CPU of the views that did it (docs/adr/0008).
DROP VIEW IF EXISTS mv_metric_5m;
DROP VIEW IF EXISTS mv_metric_1h;
DROP VIEW IF EXISTS mv_trace_index;
