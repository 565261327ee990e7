-- What clients have asked for, until the person has answered.
CREATE TABLE authorization_requests (
    -- SHA-256 of the secret that the address of the page carries, or that a pushed request is
    -- called by.
    id bytea NOT NULL CONSTRAINT authorization_requests_pkey PRIMARY KEY,
    -- SHA-256 of the secret in the cookie of the browser; NULL of a pushed request, which has no
    -- browser yet.
    browser_hash bytea,
    client_id text NOT NULL,
    -- The parameters, as a query.
    parameters text NOT NULL,
    -- The name in login_hint, as names are compared: erasure goes by it.
    username_key text,
    requested_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT authorization_requests_id_length CHECK (octet_length(id) = 32),
    CONSTRAINT authorization_requests_browser_length CHECK (octet_length(browser_hash) = 32),
    CONSTRAINT authorization_requests_client_length CHECK (char_length(client_id) BETWEEN 1 AND 64),
    CONSTRAINT authorization_requests_parameters_length
        CHECK (octet_length(parameters) <= 32768)
);

-- Erasure.
CREATE INDEX authorization_requests_username_idx ON authorization_requests (username_key);
-- The sweep.
CREATE INDEX authorization_requests_expires_idx ON authorization_requests (expires_at);
