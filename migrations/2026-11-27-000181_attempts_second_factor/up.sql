-- The audit trail says what became of the second factor.
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
        kind IN ('register', 'verify', 'add_face', 'liveness', 'passkey')
    ) NOT VALID,
    ADD CONSTRAINT attempts_outcome_known CHECK (outcome IN (
        'accepted', 'no_template', 'non_match', 'presentation_attack', 'liveness_required',
        'liveness_failed', 'locked',
        'second_factor_asked', 'second_factor_missing', 'second_factor_refused'
    )) NOT VALID;
