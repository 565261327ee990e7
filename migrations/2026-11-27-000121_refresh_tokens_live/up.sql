-- The sessions of a person, without reading the tokens that were used.
CREATE INDEX CONCURRENTLY refresh_tokens_live_idx ON refresh_tokens (user_id) WHERE used_at IS NULL;
