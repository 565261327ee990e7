-- Accounts. The key is the lower-cased name; collation "C" compares bytes, so the
-- unique index survives an upgrade of the system's collations.
CREATE TABLE users (
    id uuid NOT NULL CONSTRAINT users_pkey PRIMARY KEY,
    username text NOT NULL,
    username_key text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT users_username_key_unique UNIQUE (username_key),
    CONSTRAINT users_username_length CHECK (char_length(username) BETWEEN 1 AND 128),
    CONSTRAINT users_username_key_folded CHECK (username_key = lower(username COLLATE "C"))
);

-- One row an agreement, so that a newer policy version does not overwrite the proof
-- that an older one was agreed to.
CREATE TABLE consents (
    user_id uuid NOT NULL,
    policy_version text NOT NULL,
    granted_at timestamptz NOT NULL,
    CONSTRAINT consents_pkey PRIMARY KEY (user_id, granted_at),
    CONSTRAINT consents_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
