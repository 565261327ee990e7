-- Keys that Apple's App Attest vouches for, each with its last counter. A key belongs to a device.
-- It names the person it last signed a bound capture for, who may have no account.
CREATE TABLE attested_keys (
    -- SHA-256 of the public key.
    id bytea NOT NULL CONSTRAINT attested_keys_pkey PRIMARY KEY,
    public_key bytea NOT NULL,
    -- SHA-256 of the App ID.
    app bytea NOT NULL,
    counter bigint NOT NULL,
    username text,
    username_key text COLLATE "C" GENERATED ALWAYS AS (lower(username COLLATE "C")) STORED,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    CONSTRAINT attested_keys_id_length CHECK (octet_length(id) = 32),
    -- An uncompressed point on P-256.
    CONSTRAINT attested_keys_public_key_length CHECK (octet_length(public_key) = 65),
    CONSTRAINT attested_keys_app_length CHECK (octet_length(app) = 32),
    CONSTRAINT attested_keys_counter_range CHECK (counter BETWEEN 0 AND 4294967295),
    CONSTRAINT attested_keys_username_length CHECK (char_length(username) BETWEEN 1 AND 128)
);

-- The erasure of an account.
CREATE INDEX attested_keys_username_idx ON attested_keys (username_key);
-- The sweep.
CREATE INDEX attested_keys_last_used_idx ON attested_keys (last_used_at);

-- What the device of a capture proved, or the flaw of its attestation; NULL when nobody asked.
ALTER TABLE attempts ADD COLUMN attestation text;
-- What the device of the capture proved that the token or the session rests on.
ALTER TABLE liveness_grants ADD COLUMN attestation text;
ALTER TABLE refresh_tokens ADD COLUMN attestation text;
