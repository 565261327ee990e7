-- Every row there is will be one partition of the tokens, up to the beginning of the
-- month after the next. The constraint says so, so that the partition is attached without being
-- read. It holds for new rows at once, so the migrations after this one must run before that day.
SELECT partition_locks('LOCK TABLE refresh_tokens IN ACCESS EXCLUSIVE MODE');
DO $$
DECLARE
    boundary timestamp := date_trunc('month', now() AT TIME ZONE 'UTC') + interval '2 months';
BEGIN
    EXECUTE format(
        'ALTER TABLE refresh_tokens ADD CONSTRAINT refresh_tokens_boundary CHECK (auth_time < %L) NOT VALID',
        boundary AT TIME ZONE 'UTC'
    );
END $$;
