-- The sweep of the audit trail.
CREATE INDEX CONCURRENTLY attempts_at_idx ON attempts (at);
