-- Refresh tokens by the month of the sign-in, so that a month is dropped in a moment instead of
-- deleted row by row. No row is copied or read: the table that was there becomes the first
-- partition. Whoever waits for the locks waits for some changes of the catalogue.
--
-- All tokens of a session have its `auth_time`. So a session lies in one month, goes as a whole, and
-- whether one of its tokens was used or revoked is known as long as the session is. By the time
-- when tokens expire, a long session would lose its first tokens, and with them what shows a thief.
-- Attaching a table whose foreign key stays as it is takes the lock of both.
SELECT partition_locks('LOCK TABLE users IN ACCESS EXCLUSIVE MODE; '
    'LOCK TABLE refresh_tokens IN ACCESS EXCLUSIVE MODE');

ALTER TABLE refresh_tokens RENAME TO refresh_tokens_first;
ALTER TABLE refresh_tokens_first
    RENAME CONSTRAINT refresh_tokens_hash_unique TO refresh_tokens_first_token_hash_key;
ALTER INDEX refresh_tokens_pkey RENAME TO refresh_tokens_first_pkey;
ALTER INDEX refresh_tokens_user_idx RENAME TO refresh_tokens_first_user_idx;
ALTER INDEX refresh_tokens_session_idx RENAME TO refresh_tokens_first_session_idx;
ALTER INDEX refresh_tokens_expires_idx RENAME TO refresh_tokens_first_expires_idx;
ALTER INDEX refresh_tokens_revoked_idx RENAME TO refresh_tokens_first_revoked_idx;
ALTER INDEX refresh_tokens_live_idx RENAME TO refresh_tokens_first_live_idx;
ALTER INDEX refresh_tokens_last_idx RENAME TO refresh_tokens_first_last_idx;

CREATE TABLE refresh_tokens (
    LIKE refresh_tokens_first INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
    CONSTRAINT refresh_tokens_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) PARTITION BY RANGE (auth_time);
ALTER TABLE refresh_tokens DROP CONSTRAINT refresh_tokens_boundary;

-- Numbers go on where they were.
DO $$
DECLARE
    next bigint := nextval(pg_get_serial_sequence('refresh_tokens_first', 'id'));
BEGIN
    ALTER TABLE refresh_tokens_first ALTER COLUMN id DROP IDENTITY;
    EXECUTE format('ALTER TABLE refresh_tokens ALTER COLUMN id '
        'ADD GENERATED ALWAYS AS IDENTITY (START WITH %s)', next);
END $$;

-- The cascade.
CREATE INDEX refresh_tokens_user_idx ON refresh_tokens (user_id);
-- The family of a token, and whether one of its tokens still lives.
CREATE INDEX refresh_tokens_session_idx ON refresh_tokens (session, expires_at);
-- Whether a session has ended, without reading all of its tokens.
CREATE INDEX refresh_tokens_revoked_idx ON refresh_tokens (session) WHERE revoked_at IS NOT NULL;
-- The sessions of a person, without reading the tokens that were used.
CREATE INDEX refresh_tokens_live_idx ON refresh_tokens (user_id) WHERE used_at IS NULL;
-- The sessions that are over, by the last token of each.
CREATE INDEX refresh_tokens_last_idx ON refresh_tokens (expires_at) WHERE used_at IS NULL;

DO $$
DECLARE
    boundary text := substring(pg_get_constraintdef(oid) FROM '''(.*)''') FROM pg_constraint
        WHERE conrelid = 'refresh_tokens_first'::regclass AND conname = 'refresh_tokens_boundary';
BEGIN
    EXECUTE format('ALTER TABLE refresh_tokens ATTACH PARTITION refresh_tokens_first '
        'FOR VALUES FROM (MINVALUE) TO (%L)', boundary);
END $$;

-- Takes what no other partition takes, and is what new ones are made like. The hash of a token is
-- unique in each partition. It cannot be so in the table, because the time of the sign-in is not in
-- it. It need not be: the hashes are of 256 random bits. The only token that may be made twice is
-- the next one of a session, whose answer was lost, and a session lies in one partition.
CREATE TABLE refresh_tokens_rest PARTITION OF refresh_tokens DEFAULT;
ALTER TABLE refresh_tokens_rest
    ADD CONSTRAINT refresh_tokens_rest_token_hash_key UNIQUE (token_hash);

CREATE TRIGGER refresh_tokens_refuse_ctid BEFORE DELETE ON refresh_tokens
    FOR EACH STATEMENT EXECUTE FUNCTION partitions_refuse_ctid();

SELECT partition_grants('refresh_tokens_first', 'refresh_tokens');
SELECT partitions_make('refresh_tokens', now(), now() + interval '40 days');
