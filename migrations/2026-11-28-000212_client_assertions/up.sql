-- Assertions by which clients have authenticated (RFC 7523), until their end: none counts twice,
-- at no replica.
CREATE TABLE client_assertions (
    client_id text COLLATE "C" NOT NULL,
    -- SHA-256 of its `jti`.
    jti_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT client_assertions_pkey PRIMARY KEY (client_id, jti_hash),
    CONSTRAINT client_assertions_jti_hash_length CHECK (octet_length(jti_hash) = 32)
);

-- The sweep.
CREATE INDEX client_assertions_expires_idx ON client_assertions (expires_at);
