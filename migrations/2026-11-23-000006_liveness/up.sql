-- Liveness sessions. `nonce_hash` is null while an attempt is judged and when the session
-- is over. The key of the name is generated, so that it cannot differ from the name.
CREATE TABLE liveness_sessions (
    id uuid NOT NULL CONSTRAINT liveness_sessions_pkey PRIMARY KEY,
    nonce_hash bytea,
    username text,
    username_key text COLLATE "C" GENERATED ALWAYS AS (lower(username COLLATE "C")) STORED,
    purpose text,
    kinds text[] NOT NULL,
    steps text[] NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    attempts_left smallint NOT NULL,
    CONSTRAINT liveness_sessions_nonce_length CHECK (octet_length(nonce_hash) = 32),
    CONSTRAINT liveness_sessions_username_length CHECK (char_length(username) BETWEEN 1 AND 128),
    CONSTRAINT liveness_sessions_purpose_known CHECK (purpose IN ('verify', 'register')),
    -- Containment also refuses nulls. Empty lists and long ones are refused by the length.
    CONSTRAINT liveness_sessions_kinds_known CHECK (
        kinds <@ ARRAY['turn_left', 'turn_right', 'look_up', 'blink', 'move_closer']
        AND cardinality(kinds) BETWEEN 2 AND 16
    ),
    CONSTRAINT liveness_sessions_steps_known CHECK (
        steps <@ ARRAY['turn_left', 'turn_right', 'look_up', 'blink', 'move_closer']
        AND cardinality(steps) BETWEEN 1 AND 16
    ),
    -- A nonce is an attempt that remains.
    CONSTRAINT liveness_sessions_attempts_remain CHECK (
        attempts_left > 0 OR (attempts_left = 0 AND nonce_hash IS NULL)
    )
);

-- The erasure of an account.
CREATE INDEX liveness_sessions_username_idx ON liveness_sessions (username_key);
-- The sweep.
CREATE INDEX liveness_sessions_expires_idx ON liveness_sessions (expires_at);

-- Keyed digests of submitted frames. A digest says nothing of the picture, nor whose it is.
CREATE TABLE liveness_frames (
    digest bytea NOT NULL CONSTRAINT liveness_frames_pkey PRIMARY KEY,
    expires_at timestamptz NOT NULL,
    CONSTRAINT liveness_frames_digest_length CHECK (octet_length(digest) = 32)
);

-- The sweep.
CREATE INDEX liveness_frames_expires_idx ON liveness_frames (expires_at);

-- Passed captures that wait to be redeemed, at most one a session. `sealed` has the format
-- of `templates.sealed`.
CREATE TABLE liveness_grants (
    token_hash bytea NOT NULL CONSTRAINT liveness_grants_pkey PRIMARY KEY,
    session uuid NOT NULL,
    model_id text NOT NULL,
    key_id text NOT NULL,
    sealed bytea NOT NULL,
    username text,
    username_key text COLLATE "C" GENERATED ALWAYS AS (lower(username COLLATE "C")) STORED,
    purpose text,
    assurance text NOT NULL,
    expires_at timestamptz NOT NULL,
    -- Also serves the cascade.
    CONSTRAINT liveness_grants_session_unique UNIQUE (session),
    CONSTRAINT liveness_grants_session_fkey
        FOREIGN KEY (session) REFERENCES liveness_sessions (id) ON DELETE CASCADE,
    CONSTRAINT liveness_grants_hash_length CHECK (octet_length(token_hash) = 32),
    CONSTRAINT liveness_grants_sealed_length CHECK (octet_length(sealed) BETWEEN 33 AND 65536),
    CONSTRAINT liveness_grants_username_length CHECK (char_length(username) BETWEEN 1 AND 128),
    CONSTRAINT liveness_grants_purpose_known CHECK (purpose IN ('verify', 'register')),
    CONSTRAINT liveness_grants_assurance_length CHECK (char_length(assurance) BETWEEN 1 AND 128)
);

-- The erasure of an account.
CREATE INDEX liveness_grants_username_idx ON liveness_grants (username_key);
-- The sweep.
CREATE INDEX liveness_grants_expires_idx ON liveness_grants (expires_at);
