-- Whether a session has ended, without reading all of its tokens.
CREATE INDEX CONCURRENTLY refresh_tokens_revoked_idx ON refresh_tokens (session) WHERE revoked_at IS NOT NULL;
