-- The sessions that are over, by the last token of each.
CREATE INDEX CONCURRENTLY refresh_tokens_last_idx ON refresh_tokens (expires_at) WHERE used_at IS NULL;
