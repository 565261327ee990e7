-- One key a person, which seals their templates and is itself wrapped by a key outside the
-- database. A row of templates in an old backup is worth nothing once this row is gone.
CREATE TABLE user_keys (
    user_id uuid NOT NULL CONSTRAINT user_keys_pkey PRIMARY KEY,
    id uuid NOT NULL,
    key_id text NOT NULL,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT user_keys_id_unique UNIQUE (id),
    CONSTRAINT user_keys_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    -- Version, nonce, 32 bytes of key, tag.
    CONSTRAINT user_keys_wrapped_length CHECK (octet_length(wrapped) = 61)
);

-- What has still to be wrapped anew, and whether a key can be forgotten.
CREATE INDEX user_keys_key_idx ON user_keys (key_id);
