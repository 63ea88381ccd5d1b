-- Alerts and the groups they form: the live state; their history is in ClickHouse (alert_events).
CREATE TABLE alert (
  alert_id text PRIMARY KEY,
  condition text NOT NULL CHECK (condition IN ('pending', 'firing', 'recovering', 'resolved', 'no_data')),
  summary jsonb NOT NULL,
  facts jsonb NOT NULL
);

CREATE INDEX alert_live ON alert (condition) WHERE condition <> 'resolved';
CREATE INDEX alert_by_group ON alert ((facts->>'groupId'));

CREATE TABLE alert_group (
  group_id text PRIMARY KEY,
  revision integer NOT NULL CHECK (revision >= 1),
  state text NOT NULL CHECK (state IN ('open', 'resolved')),
  message jsonb NOT NULL,
  facts jsonb NOT NULL
);

CREATE INDEX alert_group_open ON alert_group (group_id) WHERE state = 'open';
