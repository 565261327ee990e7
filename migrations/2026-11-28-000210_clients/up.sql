-- Clients of the OpenID Connect provider that `faceauth clients` has made. Those of the
-- configuration file do not stand here. Only a hash of a secret, and public keys.
CREATE TABLE clients (
    client_id text COLLATE "C" NOT NULL CONSTRAINT clients_pkey PRIMARY KEY,
    name text NOT NULL,
    redirect_uris text[] NOT NULL,
    post_logout_redirect_uris text[] NOT NULL,
    authentication text NOT NULL,
    -- SHA-256 of the secret, which has 256 random bits.
    secret_hash bytea,
    -- A JWK set of public keys.
    jwks text,
    first_party boolean NOT NULL,
    pairwise boolean NOT NULL,
    sector text,
    audience text,
    require_par boolean NOT NULL,
    offline_access boolean NOT NULL,
    created_at timestamptz NOT NULL,
    -- When it got the secret or the keys that it has.
    credential_at timestamptz NOT NULL,
    CONSTRAINT clients_client_id_form CHECK (client_id ~ '^[A-Za-z0-9._~-]{1,64}$'),
    CONSTRAINT clients_name_length CHECK (char_length(name) BETWEEN 1 AND 64),
    CONSTRAINT clients_redirect_uris_count CHECK (cardinality(redirect_uris) BETWEEN 1 AND 20),
    CONSTRAINT clients_post_logout_redirect_uris_count CHECK (
        cardinality(post_logout_redirect_uris) BETWEEN 0 AND 20
    ),
    CONSTRAINT clients_authentication_known CHECK (
        authentication IN ('none', 'client_secret_basic', 'private_key_jwt')
    ),
    CONSTRAINT clients_secret_hash CHECK (
        (secret_hash IS NOT NULL) = (authentication = 'client_secret_basic')
        AND octet_length(secret_hash) = 32
    ),
    CONSTRAINT clients_jwks CHECK (
        (jwks IS NOT NULL) = (authentication = 'private_key_jwt')
        AND octet_length(jwks) <= 16384
    ),
    CONSTRAINT clients_sector CHECK (pairwise OR sector IS NULL)
);
