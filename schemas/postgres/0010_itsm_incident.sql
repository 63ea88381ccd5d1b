-- Incidents. `record` is what folding incident_event gives (a projection, rebuilt at will); the columns beside it serve queries.
CREATE TABLE incident (
  incident_id     text PRIMARY KEY,
  number          text NOT NULL UNIQUE,
  group_id        text,
  state           text NOT NULL CHECK (state IN ('new','assigned','in_progress','pending','mitigated','resolved','closed','merged','cancelled')),
  priority        text NOT NULL CHECK (priority IN ('P1','P2','P3','P4')),
  created_at      timestamptz NOT NULL,
  next_clock_at   timestamptz,                 -- when a clock next warns or breaches; NULL = none runs
  report_revision integer NOT NULL DEFAULT 0,  -- newest RCA report attached; older ones are no-ops
  group_state     text CHECK (group_state IN ('open','resolved')),
  record          jsonb NOT NULL,
  report          jsonb
);
CREATE INDEX incident_by_time ON incident (created_at DESC, incident_id DESC);
CREATE INDEX incident_open_by_time ON incident (created_at DESC, incident_id DESC) WHERE state NOT IN ('closed','merged','cancelled');
CREATE INDEX incident_by_group ON incident (group_id, created_at DESC) WHERE group_id IS NOT NULL;
CREATE INDEX incident_by_clock ON incident (next_clock_at) WHERE next_clock_at IS NOT NULL;

-- The event log: what happened, by whom, when. Entries are added and never touched again.
CREATE TABLE incident_event (
  incident_id          text NOT NULL REFERENCES incident (incident_id),
  seq                  integer NOT NULL CHECK (seq >= 1),
  event                text NOT NULL,
  from_state           text,
  to_state             text NOT NULL,
  actor                text NOT NULL,
  at                   timestamptz NOT NULL,
  event_time_unix_nano numeric(20),
  fields               jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (incident_id, seq)
);

CREATE FUNCTION refuse_rewriting_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % keeps history: % is not allowed', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER incident_event_is_immutable BEFORE UPDATE OR DELETE ON incident_event
  FOR EACH ROW EXECUTE FUNCTION refuse_rewriting_history();
CREATE TRIGGER incident_event_is_not_emptied BEFORE TRUNCATE ON incident_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting_history();

-- Numbers for people without gaps: a sequence would lose one with every transaction that is undone.
CREATE TABLE itsm_number (
  kind text PRIMARY KEY,
  last bigint NOT NULL
);
INSERT INTO itsm_number (kind, last) VALUES ('incident', 0);
