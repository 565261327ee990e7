-- One table again, into which the rows of every month are copied.
LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE refresh_tokens IN ACCESS EXCLUSIVE MODE;

CREATE TABLE refresh_tokens_whole (LIKE refresh_tokens INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
INSERT INTO refresh_tokens_whole SELECT * FROM refresh_tokens;
SELECT partition_grants('refresh_tokens', 'refresh_tokens_whole');
DO $$
DECLARE
    next bigint := nextval(pg_get_serial_sequence('refresh_tokens', 'id'));
    boundary timestamp := date_trunc('month', now() AT TIME ZONE 'UTC') + interval '2 months';
BEGIN
    DROP TABLE refresh_tokens;
    ALTER TABLE refresh_tokens_whole RENAME TO refresh_tokens;
    EXECUTE format('ALTER TABLE refresh_tokens ALTER COLUMN id '
        'ADD GENERATED ALWAYS AS IDENTITY (START WITH %s)', next);
    EXECUTE format('ALTER TABLE refresh_tokens ADD CONSTRAINT refresh_tokens_boundary '
        'CHECK (auth_time < %L) NOT VALID', boundary AT TIME ZONE 'UTC');
END $$;
ALTER TABLE refresh_tokens
    ADD CONSTRAINT refresh_tokens_pkey PRIMARY KEY (id),
    ADD CONSTRAINT refresh_tokens_hash_unique UNIQUE (token_hash),
    ADD CONSTRAINT refresh_tokens_user_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
CREATE INDEX refresh_tokens_user_idx ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_session_idx ON refresh_tokens (session, expires_at);
CREATE INDEX refresh_tokens_expires_idx ON refresh_tokens (expires_at);
CREATE INDEX refresh_tokens_revoked_idx ON refresh_tokens (session) WHERE revoked_at IS NOT NULL;
CREATE INDEX refresh_tokens_live_idx ON refresh_tokens (user_id) WHERE used_at IS NULL;
CREATE INDEX refresh_tokens_last_idx ON refresh_tokens (expires_at) WHERE used_at IS NULL;
