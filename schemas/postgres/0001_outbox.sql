-- Messages that a transaction decided to publish; a relay publishes them in order and deletes them (transactional outbox).
CREATE TABLE outbox (
  outbox_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  producer    text NOT NULL,          -- the service whose relay publishes the row
  topic       text NOT NULL,
  key         text NOT NULL,
  value       bytea NOT NULL,
  headers     jsonb NOT NULL DEFAULT '{}',
  created_at  timestamptz NOT NULL DEFAULT now(),
  refused     text                    -- why the bus will never take it; such a row stays for people to look at
);
CREATE INDEX outbox_waiting ON outbox (producer, outbox_id) WHERE refused IS NULL;
