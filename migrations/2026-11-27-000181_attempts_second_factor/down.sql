-- Not validated, so that what the audit trail already holds stays.
DO $$
DECLARE
    line text;
BEGIN
    -- A partition that was a table before it was attached has constraints of its own.
    FOR line IN SELECT 'attempts' UNION ALL SELECT inhrelid::regclass::text FROM pg_inherits
        WHERE inhparent = 'attempts'::regclass
    LOOP
        EXECUTE 'ALTER TABLE ' || line || ' DROP CONSTRAINT IF EXISTS attempts_kind_known, '
            'DROP CONSTRAINT IF EXISTS attempts_outcome_known';
    END LOOP;
END $$;
ALTER TABLE attempts
    ADD CONSTRAINT attempts_kind_known CHECK (
        kind IN ('register', 'verify', 'add_face', 'liveness')
    ) NOT VALID,
    ADD CONSTRAINT attempts_outcome_known CHECK (outcome IN (
        'accepted', 'no_template', 'non_match', 'presentation_attack', 'liveness_required',
        'liveness_failed', 'locked'
    )) NOT VALID;
