-- One row for each incident event and channel, also for what was decided not to be sent: it answers "why was I (not) told?".
CREATE TABLE notification (
  notification_id text PRIMARY KEY,           -- derived from (incident, seq, channel); the idempotency key of the sending
  incident_id     text NOT NULL,
  number          text NOT NULL,
  seq             integer NOT NULL,
  channel         text NOT NULL,              -- '' = no route led to a channel
  kind            text NOT NULL,
  priority        text NOT NULL,
  state           text NOT NULL CHECK (state IN ('pending','sent','dead','skipped')),
  reason          text NOT NULL DEFAULT '',   -- why it waits, was skipped or given up
  not_before      timestamptz NOT NULL,       -- end of the hold, of the lease of a sending, or of the pause before a retry
  tries           integer NOT NULL DEFAULT 0, -- begun sendings; more than attempts = one was cut off by a crash
  attempts        jsonb NOT NULL DEFAULT '[]',
  cause_told      text NOT NULL,              -- what this message says of the cause; '' = not determined
  message_seq     integer NOT NULL,           -- entry of the incident's log that `message` is
  message         jsonb,                      -- dropped once sent or skipped
  text_zh         text,
  text_en         text,
  created_at      timestamptz NOT NULL,
  sent_at         timestamptz,
  UNIQUE (incident_id, seq, channel)
);
CREATE INDEX notification_pending ON notification (channel, not_before) WHERE state = 'pending';
CREATE INDEX notification_by_incident ON notification (incident_id, channel, seq);
CREATE INDEX notification_by_time ON notification (created_at DESC, notification_id DESC);
