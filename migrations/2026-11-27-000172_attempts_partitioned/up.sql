-- The audit trail by months, so that a month is dropped in a moment instead of deleted row by row.
-- No row is copied or read: the table that was there becomes the first partition. Whoever waits
-- for the lock waits for some changes of the catalogue. A sign-in writes to both tables in this
-- order.
LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE attempts IN ACCESS EXCLUSIVE MODE;

ALTER TABLE attempts RENAME TO attempts_first;
ALTER INDEX attempts_user_at_idx RENAME TO attempts_first_user_at_idx;
ALTER INDEX attempts_at_idx RENAME TO attempts_first_at_idx;

CREATE TABLE attempts (
    LIKE attempts_first INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
    CONSTRAINT attempts_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) PARTITION BY RANGE (at);
ALTER TABLE attempts DROP CONSTRAINT attempts_boundary;

-- Numbers go on where they were.
DO $$
DECLARE
    next bigint := nextval(pg_get_serial_sequence('attempts_first', 'id'));
BEGIN
    ALTER TABLE attempts_first ALTER COLUMN id DROP IDENTITY;
    EXECUTE format(
        'ALTER TABLE attempts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (START WITH %s)', next
    );
END $$;

-- The history of one account, newest first; also serves the cascade.
CREATE INDEX attempts_user_at_idx ON attempts (user_id, at DESC);
-- The sweep.
CREATE INDEX attempts_at_idx ON attempts (at);

DO $$
DECLARE
    boundary text := substring(pg_get_constraintdef(oid) FROM '''(.*)''') FROM pg_constraint
        WHERE conrelid = 'attempts_first'::regclass AND conname = 'attempts_boundary';
BEGIN
    EXECUTE format(
        'ALTER TABLE attempts ATTACH PARTITION attempts_first FOR VALUES FROM (MINVALUE) TO (%L)',
        boundary
    );
END $$;

-- Takes what no other partition takes, so that nobody is refused when nobody has made the next.
CREATE TABLE attempts_rest PARTITION OF attempts DEFAULT;

-- Makes those of the last six months until `ahead` that are missing, and moves their rows out of the rest. Runs as
-- the owner of the tables: the role that serves needs only to read and write rows. Locks are taken
-- in the order of a sign-in, and nobody waits for them longer than a second.
CREATE FUNCTION attempts_make_months(ahead timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '1s' AS $$
DECLARE
    month timestamp;
    month_begins timestamptz;
    month_ends timestamptz;
    name text;
    made integer := 0;
BEGIN
    IF NOT has_table_privilege(session_user, 'attempts', 'INSERT') THEN
        RAISE insufficient_privilege;
    END IF;
    SELECT substring(pg_get_expr(relpartbound, oid) FROM 'TO \(''(.*)''\)')::timestamptz
        AT TIME ZONE 'UTC' INTO month FROM pg_class WHERE oid = to_regclass('attempts_first');
    month := greatest(coalesce(month, '-infinity'),
        date_trunc('month', ahead AT TIME ZONE 'UTC') - interval '5 months');
    WHILE month < ahead AT TIME ZONE 'UTC' LOOP
        name := 'attempts_' || to_char(month, 'YYYY_MM');
        month_begins := month AT TIME ZONE 'UTC';
        month := month + interval '1 month';
        month_ends := month AT TIME ZONE 'UTC';
        CONTINUE WHEN to_regclass(name) IS NOT NULL;
        -- Of several replicas one makes it; the others wait here and find it.
        LOCK TABLE attempts IN SHARE UPDATE EXCLUSIVE MODE;
        CONTINUE WHEN to_regclass(name) IS NOT NULL;
        EXECUTE format('CREATE TABLE %I (LIKE attempts INCLUDING DEFAULTS INCLUDING CONSTRAINTS '
            'INCLUDING INDEXES, CONSTRAINT attempts_user_fkey FOREIGN KEY (user_id) '
            'REFERENCES users (id) ON DELETE CASCADE)', name);
        LOCK TABLE attempts_rest IN ACCESS EXCLUSIVE MODE;
        EXECUTE format('WITH moved AS (DELETE FROM attempts_rest WHERE at >= %L AND at < %L '
            'RETURNING *) INSERT INTO %I SELECT * FROM moved', month_begins, month_ends, name);
        EXECUTE format('ALTER TABLE attempts ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
            name, month_begins, month_ends);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- Drops the months that ended at or before `before`.
CREATE FUNCTION attempts_drop_months(before timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '1s' AS $$
DECLARE
    name text;
    dropped integer := 0;
BEGIN
    IF NOT has_table_privilege(session_user, 'attempts', 'DELETE') THEN
        RAISE insufficient_privilege;
    END IF;
    FOR name IN SELECT c.oid::regclass::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'attempts'::regclass
        AND substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \(''(.*)''\)')::timestamptz
            <= before
    LOOP
        EXECUTE 'DROP TABLE ' || name;
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;

-- No table of a caller may be taken for ours.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION attempts_make_months SET search_path = %I, pg_temp',
        current_schema());
    EXECUTE format('ALTER FUNCTION attempts_drop_months SET search_path = %I, pg_temp',
        current_schema());
END $$;

SELECT attempts_make_months(now() + interval '4 months');
