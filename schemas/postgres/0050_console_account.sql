-- People of the console. Passwords are kept as scrypt hashes with their own parameters, session tokens as SHA-256 only.
CREATE TABLE user_account (
  name                text PRIMARY KEY,
  role                text NOT NULL CHECK (role IN ('admin','operator','manager')),
  password_hash       text NOT NULL,      -- scrypt$N$r$p$salt$hash, base64url
  created_at          timestamptz NOT NULL,
  password_changed_at timestamptz NOT NULL
);
CREATE TABLE user_session (
  token_hash   bytea PRIMARY KEY,         -- SHA-256 of a random 256-bit token
  user_name    text NOT NULL REFERENCES user_account (name) ON DELETE CASCADE,
  created_at   timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL
);
CREATE INDEX user_session_by_expiry ON user_session (expires_at);
CREATE INDEX user_session_by_user ON user_session (user_name, created_at DESC);
