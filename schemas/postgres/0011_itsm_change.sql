-- Changes that were made or are under way; the newest record of an id replaces the older ones.
CREATE TABLE change_record (
  change_id     text PRIMARY KEY,
  kind          text NOT NULL,
  title         text NOT NULL,
  entities      text[] NOT NULL,
  started_unix_nano numeric(20) NOT NULL,  -- event time
  ended_unix_nano   numeric(20),
  actor         text NOT NULL,
  labels        jsonb NOT NULL DEFAULT '{}',
  recorded_by   text NOT NULL,
  recorded_at   timestamptz NOT NULL
);
CREATE INDEX change_record_by_time ON change_record (started_unix_nano DESC, change_id DESC);
