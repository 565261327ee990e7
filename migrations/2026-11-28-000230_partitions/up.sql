-- One way to make and to drop partitions, for every table that has some. The release before goes on
-- with `attempts_make_months` and `attempts_drop_months`; a later one drops them.

-- How long a partition of a table is. NULL: the table has none.
CREATE FUNCTION partition_length(parent text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE parent
        WHEN 'attempts' THEN 'month'
        WHEN 'refresh_tokens' THEN 'month'
        WHEN 'liveness_frames' THEN 'day'
    END
$$;

-- Where the first partition of a table ends, which holds what there was before there were
-- partitions. NULL: it is gone.
CREATE FUNCTION partition_first_ends(parent text) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT substring(pg_get_expr(relpartbound, oid) FROM 'TO \(''(.*)''\)')::timestamptz
    FROM pg_class WHERE oid = to_regclass(parent || '_first')
$$;

-- Makes the partitions of a table from `since` to `ahead` that are missing, and those that rows in
-- its rest belong to, which then move there. Runs as the owner of the tables: the role that serves
-- needs only to read and write rows.
--
-- A new partition is like the rest, which has indexes that the table as a whole cannot have. It is
-- attached under a lock of the rest, and of the tables that foreign keys lead to, so that they are
-- not written. Whoever has read the rest may want to write those, so that both wait. So nobody here
-- waits longer than 200 ms for them, which is less than the second after which Postgres looks for
-- such circles: this transaction ends, and no other one.
CREATE FUNCTION partitions_make(parent text, since timestamptz, ahead timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '200ms' AS $$
DECLARE
    part_length text := partition_length(parent);
    step interval := ('1 ' || part_length)::interval;
    pattern text := CASE part_length WHEN 'month' THEN 'YYYY_MM' ELSE 'YYYY_MM_DD' END;
    rest text := parent || '_rest';
    earliest timestamptz := coalesce(partition_first_ends(parent), '-infinity');
    part_key text;
    part_name text;
    begins timestamp;
    part_begins timestamptz;
    part_ends timestamptz;
    referenced regclass;
    made integer := 0;
BEGIN
    IF part_length IS NULL OR NOT has_table_privilege(session_user, parent, 'INSERT') THEN
        RAISE insufficient_privilege;
    END IF;
    -- Of several replicas one looks and makes; the others wait here, where they are in nobody's way,
    -- and then find it.
    PERFORM set_config('lock_timeout', '2s', true);
    EXECUTE format('LOCK TABLE %I IN SHARE UPDATE EXCLUSIVE MODE', parent);
    PERFORM set_config('lock_timeout', '200ms', true);
    SELECT attname INTO part_key FROM pg_partitioned_table
        JOIN pg_attribute ON attrelid = partrelid AND attnum = partattrs[0]
        WHERE partrelid = parent::regclass;
    FOR begins IN EXECUTE format(
        'SELECT generate_series(date_trunc(%1$L, $1 AT TIME ZONE ''UTC''), '
        '$2 AT TIME ZONE ''UTC'', %2$L::interval) UNION '
        'SELECT date_trunc(%1$L, %3$I AT TIME ZONE ''UTC'') FROM %4$I WHERE %3$I < $2 ORDER BY 1',
        part_length, step, part_key, rest
    ) USING since, ahead LOOP
        part_name := parent || to_char(begins, '_' || pattern);
        part_begins := begins AT TIME ZONE 'UTC';
        part_ends := (begins + step) AT TIME ZONE 'UTC';
        CONTINUE WHEN part_begins < earliest OR to_regclass(part_name) IS NOT NULL;
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS '
            'INCLUDING INDEXES)', part_name, rest);
        FOR referenced IN SELECT confrelid FROM pg_constraint
            WHERE conrelid = parent::regclass AND contype = 'f'
        LOOP
            EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', referenced);
        END LOOP;
        EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', rest);
        EXECUTE format('WITH moved AS (DELETE FROM %1$I WHERE %2$I >= $1 AND %2$I < $2 RETURNING *) '
            'INSERT INTO %3$I SELECT * FROM moved', rest, part_key, part_name)
            USING part_begins, part_ends;
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent,
            part_name, part_begins, part_ends);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- Drops the partitions of a table that ended at or before `before`. A month of sessions goes when
-- each of its sessions was over at that time: the last token of a session is the one that nobody
-- has used. A session that is over is never renewed, so none begins to live again meanwhile.
-- Indexes are asked, whatever the planner thinks of a month that is about to go.
CREATE FUNCTION partitions_drop(parent text, before timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '200ms' SET enable_seqscan = off AS $$
DECLARE
    part regclass;
    lives boolean := false;
    dropped integer := 0;
BEGIN
    IF partition_length(parent) IS NULL
        OR NOT has_table_privilege(session_user, parent, 'DELETE') THEN
        RAISE insufficient_privilege;
    END IF;
    FOR part IN SELECT c.oid FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = parent::regclass
        AND substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \(''(.*)''\)')::timestamptz
            <= before
        ORDER BY c.relname
    LOOP
        IF parent = 'refresh_tokens' THEN
            EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE used_at IS NULL '
                'AND expires_at > $1)', part) INTO lives USING before;
        END IF;
        CONTINUE WHEN lives;
        EXECUTE format('DROP TABLE IF EXISTS %s', part);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;

-- Refuses what the release before sends, once rows lie in several partitions: it deletes rows by
-- their place in a table, and each partition has a row at the same place. Until two days before the
-- first partition ends, all rows lie there. The others are further ahead than any clock is wrong.
CREATE FUNCTION partitions_refuse_ctid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_query() LIKE '%ctid%' AND coalesce(partition_first_ends(TG_TABLE_NAME), '-infinity')
        < now() + interval '2 days' THEN
        RAISE EXCEPTION 'a ctid does not tell rows of several partitions apart';
    END IF;
    RETURN NULL;
END $$;

-- Gives a table the privileges that another one has.
CREATE FUNCTION partition_grants(from_table text, to_table text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT privilege_type, is_grantable,
            CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS grantee
        FROM pg_class, aclexplode(relacl) AS held
        WHERE pg_class.oid = from_table::regclass AND held.grantee <> relowner
    LOOP
        EXECUTE format('GRANT %s ON %I TO %s', one.privilege_type, to_table, one.grantee)
            || CASE WHEN one.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END;
    END LOOP;
END $$;

-- Takes the locks that a migration needs, all of them or none. Requests queue behind a lock that is
-- waited for, and a renewal that has read tokens may hold what another lock waits for. So each is
-- waited for 200 ms at most, and all are given back and asked for again, for half a minute.
CREATE FUNCTION partition_locks(locks text) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '200ms' AS $$
BEGIN
    FOR turn IN 1..100 LOOP
        BEGIN
            EXECUTE locks;
            RETURN;
        EXCEPTION WHEN lock_not_available THEN
            PERFORM pg_sleep(0.1);
        END;
    END LOOP;
    RAISE lock_not_available USING MESSAGE = 'never free for a moment: ' || locks;
END $$;

-- No table of a caller may be taken for ours.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['partitions_make', 'partitions_drop', 'partitions_refuse_ctid'] LOOP
        EXECUTE format('ALTER FUNCTION %I SET search_path = %I, pg_temp', name, current_schema());
    END LOOP;
END $$;
