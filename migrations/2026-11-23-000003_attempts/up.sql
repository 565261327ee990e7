-- The audit trail. `user_id` is null when the claimed name has no account.
CREATE TABLE attempts (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT attempts_pkey PRIMARY KEY,
    user_id uuid,
    kind text NOT NULL,
    outcome text NOT NULL,
    pad_bona_fide boolean NOT NULL,
    model_id text NOT NULL,
    client_hash bytea NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT attempts_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT attempts_kind_known CHECK (kind IN ('register', 'verify', 'add_face')),
    CONSTRAINT attempts_outcome_known CHECK (outcome IN (
        'accepted', 'no_template', 'non_match', 'presentation_attack', 'liveness_required'
    )),
    CONSTRAINT attempts_client_hash_length CHECK (octet_length(client_hash) <= 64)
);

-- The history of one account, newest first; also serves the cascade.
CREATE INDEX attempts_user_at_idx ON attempts (user_id, at DESC);
