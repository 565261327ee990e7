-- Every row there is will be one partition of the digests of frames, up to the beginning of the
-- month after the next. The constraint says so, so that the partition is attached without being
-- read. It holds for new rows at once, so the migrations after this one must run before that day.
SELECT partition_locks('LOCK TABLE liveness_frames IN ACCESS EXCLUSIVE MODE');
DO $$
DECLARE
    boundary timestamp := date_trunc('month', now() AT TIME ZONE 'UTC') + interval '2 months';
BEGIN
    EXECUTE format(
        'ALTER TABLE liveness_frames ADD CONSTRAINT liveness_frames_boundary CHECK (expires_at < %L) NOT VALID',
        boundary AT TIME ZONE 'UTC'
    );
END $$;
