-- Which enrolment an Idempotency-Key made, as hashes of the key and of the request.
CREATE TABLE idempotency_keys (
    key_hash bytea NOT NULL CONSTRAINT idempotency_keys_pkey PRIMARY KEY,
    request_digest bytea NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_user_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT idempotency_keys_hash_length CHECK (octet_length(key_hash) = 32),
    CONSTRAINT idempotency_keys_digest_length CHECK (octet_length(request_digest) = 32)
);

-- The cascade.
CREATE INDEX idempotency_keys_user_idx ON idempotency_keys (user_id);
-- The sweep.
CREATE INDEX idempotency_keys_created_idx ON idempotency_keys (created_at);
