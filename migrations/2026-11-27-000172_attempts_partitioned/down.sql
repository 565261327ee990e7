-- One table again, into which the rows of every month are copied.
LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE attempts IN ACCESS EXCLUSIVE MODE;

DROP FUNCTION attempts_make_months(timestamptz);
DROP FUNCTION attempts_drop_months(timestamptz);

CREATE TABLE attempts_whole (LIKE attempts INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
INSERT INTO attempts_whole SELECT * FROM attempts;
-- Who could use the table before can use it after.
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT '' AS columns, held.* FROM pg_class, aclexplode(relacl) AS held
            WHERE pg_class.oid = 'attempts'::regclass
        UNION ALL
        SELECT format(' (%I)', attname), held.* FROM pg_attribute, aclexplode(attacl) AS held
            WHERE attrelid = 'attempts'::regclass
    LOOP
        EXECUTE format('GRANT %s%s ON attempts_whole TO %s', one.privilege_type, one.columns,
            CASE one.grantee WHEN 0 THEN 'PUBLIC' ELSE one.grantee::regrole::text END)
            || CASE WHEN one.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END;
    END LOOP;
END $$;
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
