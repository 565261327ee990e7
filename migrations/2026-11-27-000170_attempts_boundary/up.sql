-- Every row there is will be one partition of the audit trail, up to the beginning of the month
-- after the next. The constraint says so, so that the partition is attached without being read.
-- It holds for new rows at once, so the migrations after this one must run before that day.
DO $$
DECLARE
    boundary timestamp := date_trunc('month', now() AT TIME ZONE 'UTC') + interval '2 months';
BEGIN
    EXECUTE format(
        'ALTER TABLE attempts ADD CONSTRAINT attempts_boundary CHECK (at < %L) NOT VALID',
        boundary AT TIME ZONE 'UTC'
    );
END $$;
