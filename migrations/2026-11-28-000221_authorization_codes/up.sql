-- What a client redeems for tokens, once.
CREATE TABLE authorization_codes (
    -- SHA-256 of the code.
    code_hash bytea NOT NULL CONSTRAINT authorization_codes_pkey PRIMARY KEY,
    user_id uuid NOT NULL,
    client_id text NOT NULL,
    redirect_uri text NOT NULL,
    -- SHA-256 of the client's secret in base64url (PKCE).
    challenge text NOT NULL,
    nonce text,
    scope text NOT NULL,
    -- The sign-in.
    auth_time timestamptz NOT NULL,
    acr text NOT NULL,
    attestation text,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    -- What it was redeemed for. It ends when the code comes again.
    session uuid,
    -- Until then a code that comes again is known: as long as the session can last.
    kept_until timestamptz NOT NULL,
    CONSTRAINT authorization_codes_user_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT authorization_codes_hash_length CHECK (octet_length(code_hash) = 32),
    CONSTRAINT authorization_codes_challenge_length CHECK (char_length(challenge) = 43),
    CONSTRAINT authorization_codes_used CHECK ((used_at IS NULL) = (session IS NULL))
);

-- The cascade.
CREATE INDEX authorization_codes_user_idx ON authorization_codes (user_id);
-- The sweep.
CREATE INDEX authorization_codes_kept_idx ON authorization_codes (kept_until);
