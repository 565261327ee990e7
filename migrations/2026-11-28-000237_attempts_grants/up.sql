-- Gives the audit trail the privileges that it had before it had partitions. 000172 made a new table
-- of its name and gave it none: a role that serves without owning the tables was refused from then
-- on. The table that was there is the first partition and has kept its privileges, of the table and
-- of single columns. What the new one has already stays, so nothing happens where nothing is
-- missing. A partition needs no privileges of its own: whoever reads or writes the table is asked
-- for those of the table.
--
-- Nobody who reads or writes rows waits for this lock, only who makes and drops partitions.
LOCK TABLE attempts IN SHARE UPDATE EXCLUSIVE MODE;

DO $$
DECLARE
    owner oid := relowner FROM pg_class WHERE oid = 'attempts'::regclass;
    one record;
BEGIN
    FOR one IN
        WITH granted AS (
            SELECT pg_class.oid AS holder, '' AS columns, held.privilege_type, held.is_grantable,
                held.grantee
            FROM pg_class, aclexplode(relacl) AS held
            UNION ALL
            SELECT attrelid, format(' (%I)', attname), held.privilege_type, held.is_grantable,
                held.grantee
            FROM pg_attribute, aclexplode(attacl) AS held
        )
        SELECT columns, privilege_type, is_grantable, grantee FROM granted
            WHERE holder = to_regclass('attempts_first') AND grantee <> owner
        EXCEPT
        SELECT columns, privilege_type, is_grantable, grantee FROM granted
            WHERE holder = 'attempts'::regclass
    LOOP
        EXECUTE format('GRANT %s%s ON attempts TO %s', one.privilege_type, one.columns,
            CASE one.grantee WHEN 0 THEN 'PUBLIC' ELSE one.grantee::regrole::text END)
            || CASE WHEN one.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END;
    END LOOP;
END $$;
