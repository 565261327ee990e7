-- The digests of frames by days, so that a day is dropped in a moment instead of deleted row by row.
-- No row is copied or read: the table that was there becomes the first partition. Whoever waits for
-- the lock waits for some changes of the catalogue.
SELECT partition_locks('LOCK TABLE liveness_frames IN ACCESS EXCLUSIVE MODE');

ALTER TABLE liveness_frames RENAME TO liveness_frames_first;
ALTER INDEX liveness_frames_pkey RENAME TO liveness_frames_first_pkey;
ALTER INDEX liveness_frames_expires_idx RENAME TO liveness_frames_first_expires_idx;

CREATE TABLE liveness_frames (LIKE liveness_frames_first INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
PARTITION BY RANGE (expires_at);
ALTER TABLE liveness_frames DROP CONSTRAINT liveness_frames_boundary;

DO $$
DECLARE
    boundary text := substring(pg_get_constraintdef(oid) FROM '''(.*)''') FROM pg_constraint
        WHERE conrelid = 'liveness_frames_first'::regclass AND conname = 'liveness_frames_boundary';
BEGIN
    EXECUTE format('ALTER TABLE liveness_frames ATTACH PARTITION liveness_frames_first '
        'FOR VALUES FROM (MINVALUE) TO (%L)', boundary);
END $$;

-- Takes what no other partition takes, and is what new ones are made like. A digest is the key of
-- each partition. It cannot be that of the table, because the time that decides is not in it.
CREATE TABLE liveness_frames_rest PARTITION OF liveness_frames DEFAULT;
ALTER TABLE liveness_frames_rest ADD CONSTRAINT liveness_frames_rest_pkey PRIMARY KEY (digest);

-- Adds a digest only when it was not added within the day before (LIVENESS_FRAME_RETENTION), in
-- whatever partition. Whoever adds the same digest at the same moment waits for the lock, and then
-- finds the row, also when one of them adds to the day before midnight and the other to the day
-- after. The lock is named by "fram" in ASCII and the beginning of the digest. A caller adds digests
-- in their order, so nobody waits in a circle; two digests that begin alike wait for nothing worse.
-- Whoever inserts passes here, the release before included, which counts the rows that it added.
CREATE FUNCTION liveness_frames_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(
        x'6672616d'::int,
        ('x' || encode(substring(NEW.digest FROM 1 FOR 4), 'hex'))::bit(32)::int
    );
    IF EXISTS (
        SELECT FROM liveness_frames WHERE digest = NEW.digest
        AND expires_at > NEW.expires_at - interval '24 hours'
        AND expires_at < NEW.expires_at + interval '24 hours'
    ) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION liveness_frames_once SET search_path = %I, pg_temp',
        current_schema());
END $$;
CREATE TRIGGER liveness_frames_once BEFORE INSERT ON liveness_frames
    FOR EACH ROW EXECUTE FUNCTION liveness_frames_once();
CREATE TRIGGER liveness_frames_refuse_ctid BEFORE DELETE ON liveness_frames
    FOR EACH STATEMENT EXECUTE FUNCTION partitions_refuse_ctid();

SELECT partition_grants('liveness_frames_first', 'liveness_frames');
SELECT partitions_make('liveness_frames', now(), now() + interval '4 days');
