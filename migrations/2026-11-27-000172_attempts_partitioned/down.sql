-- One table again, into which the rows of every month are copied.
LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE attempts IN ACCESS EXCLUSIVE MODE;

DROP FUNCTION attempts_make_months(timestamptz);
DROP FUNCTION attempts_drop_months(timestamptz);

CREATE TABLE attempts_whole (LIKE attempts INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
INSERT INTO attempts_whole SELECT * FROM attempts;
DO $$
DECLARE
    next bigint := nextval(pg_get_serial_sequence('attempts', 'id'));
    boundary timestamp := date_trunc('month', now() AT TIME ZONE 'UTC') + interval '2 months';
BEGIN
    DROP TABLE attempts;
    ALTER TABLE attempts_whole RENAME TO attempts;
    EXECUTE format(
        'ALTER TABLE attempts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (START WITH %s)', next
    );
    EXECUTE format(
        'ALTER TABLE attempts ADD CONSTRAINT attempts_boundary CHECK (at < %L) NOT VALID',
        boundary AT TIME ZONE 'UTC'
    );
END $$;
ALTER TABLE attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (id),
    ADD CONSTRAINT attempts_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
CREATE INDEX attempts_user_at_idx ON attempts (user_id, at DESC);
CREATE INDEX attempts_at_idx ON attempts (at);
