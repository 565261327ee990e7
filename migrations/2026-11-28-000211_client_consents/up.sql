-- Which clients a person has signed in to, and what they agreed to give them. This is no consent to
-- biometric processing, which stands in `consents`.
--
-- No reference to `clients`: those of the configuration file do not stand there.
CREATE TABLE client_consents (
    user_id uuid NOT NULL,
    client_id text COLLATE "C" NOT NULL,
    scopes text[] NOT NULL,
    -- Whether the person was asked. Nobody is asked for clients of the deployment itself.
    asked boolean NOT NULL,
    granted_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    CONSTRAINT client_consents_pkey PRIMARY KEY (user_id, client_id),
    CONSTRAINT client_consents_user_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT client_consents_scopes_count CHECK (cardinality(scopes) BETWEEN 1 AND 20)
);

-- A client is removed.
CREATE INDEX client_consents_client_idx ON client_consents (client_id);
