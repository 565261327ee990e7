-- Refresh tokens, stored as SHA-256 hashes. All tokens of one sign-in share `session`.
-- A session is revoked as soon as one of its tokens is.
CREATE TABLE refresh_tokens (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT refresh_tokens_pkey PRIMARY KEY,
    token_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    session uuid NOT NULL,
    auth_time timestamptz NOT NULL,
    acr text NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT refresh_tokens_hash_unique UNIQUE (token_hash),
    CONSTRAINT refresh_tokens_user_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT refresh_tokens_hash_length CHECK (octet_length(token_hash) = 32)
);

-- The cascade.
CREATE INDEX refresh_tokens_user_idx ON refresh_tokens (user_id);
-- The family of a token, and whether one of its tokens still lives.
CREATE INDEX refresh_tokens_session_idx ON refresh_tokens (session, expires_at);
-- The sweep.
CREATE INDEX refresh_tokens_expires_idx ON refresh_tokens (expires_at);
