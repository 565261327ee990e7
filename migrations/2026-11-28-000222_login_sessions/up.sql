-- Browsers in which somebody is signed in at this service itself.
CREATE TABLE login_sessions (
    -- SHA-256 of the secret in the cookie.
    secret_hash bytea NOT NULL CONSTRAINT login_sessions_pkey PRIMARY KEY,
    user_id uuid NOT NULL,
    -- What its owner ends it by. It stays when the secret changes.
    id uuid NOT NULL,
    auth_time timestamptz NOT NULL,
    acr text NOT NULL,
    attestation text,
    used_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT login_sessions_user_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT login_sessions_hash_length CHECK (octet_length(secret_hash) = 32)
);

-- The cascade, and the sessions of a person.
CREATE INDEX login_sessions_user_idx ON login_sessions (user_id);
-- The sweep.
CREATE INDEX login_sessions_expires_idx ON login_sessions (expires_at);
