-- Sealed templates. The bytes are a version byte, a 12-byte nonce, the ciphertext and
-- a 16-byte tag; shorter ones cannot hold a single value.
CREATE TABLE templates (
    id uuid NOT NULL CONSTRAINT templates_pkey PRIMARY KEY,
    user_id uuid NOT NULL,
    model_id text NOT NULL,
    key_id text NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT templates_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT templates_sealed_length CHECK (octet_length(sealed) BETWEEN 33 AND 65536)
);

-- Finds the templates of one account that one model made; its prefix serves the list
-- of faces and the cascade.
CREATE INDEX templates_user_model_idx ON templates (user_id, model_id);
