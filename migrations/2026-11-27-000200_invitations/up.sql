-- Invitations that nobody has used yet, at most one a name. Whoever holds the secret may enrol
-- under the name, which has no account yet.
CREATE TABLE invitations (
    -- SHA-256 of the secret.
    secret_hash bytea NOT NULL CONSTRAINT invitations_pkey PRIMARY KEY,
    username text NOT NULL,
    username_key text COLLATE "C" GENERATED ALWAYS AS (lower(username COLLATE "C")) STORED,
    -- The prefix of the API key that made it; NULL when the command line did.
    made_by text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT invitations_username_unique UNIQUE (username_key),
    CONSTRAINT invitations_secret_hash_length CHECK (octet_length(secret_hash) = 32),
    CONSTRAINT invitations_username_length CHECK (char_length(username) BETWEEN 1 AND 128),
    CONSTRAINT invitations_time CHECK (expires_at > created_at)
);

-- The sweep.
CREATE INDEX invitations_expires_idx ON invitations (expires_at);
