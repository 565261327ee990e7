-- The sweep of accounts nobody uses.
CREATE INDEX CONCURRENTLY users_last_active_idx ON users (last_active_at);
