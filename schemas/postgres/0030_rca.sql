-- Root-cause reports: one row a revision; the group as it was last seen, so that a restart goes on with what is open.
CREATE TABLE rca_report (
  group_id text NOT NULL,
  revision integer NOT NULL CHECK (revision >= 1),
  report jsonb NOT NULL,
  saved_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (group_id, revision)
);

CREATE TABLE rca_group (
  group_id text PRIMARY KEY,
  revision integer NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'resolved')),
  message jsonb NOT NULL
);

CREATE INDEX rca_group_open ON rca_group (group_id) WHERE state = 'open';
