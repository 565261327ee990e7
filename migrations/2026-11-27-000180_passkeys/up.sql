-- The second factor. Only public keys and hashes stand here.

CREATE TABLE passkeys (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    -- The identifier that the device chose.
    credential_id bytea NOT NULL,
    -- Public key and flags, as the library writes them.
    credential text NOT NULL,
    -- The device's count of signatures; stays 0 where it does not count.
    counter bigint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    CONSTRAINT passkeys_pkey PRIMARY KEY (user_id, id),
    CONSTRAINT passkeys_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    -- A passkey belongs to one account (WebAuthn Level 3, 7.1, step 26).
    CONSTRAINT passkeys_credential_unique UNIQUE (credential_id),
    CONSTRAINT passkeys_credential_id_length CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
    CONSTRAINT passkeys_credential_length CHECK (octet_length(credential) <= 8192),
    CONSTRAINT passkeys_counter_range CHECK (counter BETWEEN 0 AND 4294967295),
    CONSTRAINT passkeys_kind_known CHECK (kind IN ('synced', 'device_bound')),
    CONSTRAINT passkeys_name_length CHECK (char_length(name) BETWEEN 1 AND 64)
);

-- Codes that nobody has used yet.
CREATE TABLE recovery_codes (
    user_id uuid NOT NULL,
    -- Keyed hash of the account and the code.
    code_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, code_hash),
    CONSTRAINT recovery_codes_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT recovery_codes_hash_length CHECK (octet_length(code_hash) = 32)
);

-- What has begun and waits for a passkey or a code.
CREATE TABLE factor_transactions (
    -- SHA-256 of the secret that the client holds.
    id bytea NOT NULL CONSTRAINT factor_transactions_pkey PRIMARY KEY,
    -- NULL while nobody knows whose passkey it will be.
    user_id uuid,
    purpose text NOT NULL,
    -- The state of the ceremony, which no client sees.
    ceremony text NOT NULL,
    -- What was shown of the face before; NULL when none was.
    assurance text,
    template_id uuid,
    attestation text,
    -- The known device of the sign-in, nil when it is not known.
    device uuid,
    tries_left smallint NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT factor_transactions_user_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT factor_transactions_id_length CHECK (octet_length(id) = 32),
    CONSTRAINT factor_transactions_purpose_known CHECK (
        purpose IN ('show', 'show_alone', 'register_first', 'register_another')
    ),
    CONSTRAINT factor_transactions_owner CHECK ((user_id IS NULL) = (purpose = 'show_alone')),
    CONSTRAINT factor_transactions_face CHECK (
        (assurance IS NULL) = (purpose NOT IN ('show', 'register_first'))
        AND (assurance IS NULL) = (template_id IS NULL)
        AND (assurance IS NULL) = (device IS NULL)
    ),
    CONSTRAINT factor_transactions_tries_range CHECK (tries_left BETWEEN 0 AND 3)
);

-- The cascade.
CREATE INDEX factor_transactions_user_idx ON factor_transactions (user_id);
-- The sweep.
CREATE INDEX factor_transactions_expires_idx ON factor_transactions (expires_at);
