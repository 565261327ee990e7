-- What each client address has used of a limit, for all replicas. `client` is a keyed hash, and
-- `whole_at` is when the client has used nothing again.
--
-- Unlogged: a row is written with every limited request and lives for a minute, so nobody waits for
-- the disk. A database that crashes forgets the last minute, as one replica did before.
CREATE UNLOGGED TABLE client_limits (
    client bytea NOT NULL,
    kind smallint NOT NULL,
    whole_at timestamptz NOT NULL,
    CONSTRAINT client_limits_pkey PRIMARY KEY (client, kind),
    CONSTRAINT client_limits_client_length CHECK (octet_length(client) = 32)
);

-- The sweep.
CREATE INDEX client_limits_whole_at_idx ON client_limits (whole_at);
