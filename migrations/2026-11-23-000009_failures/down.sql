DROP TABLE failures;

-- Not validated, so that what the audit trail already holds stays.
ALTER TABLE attempts
    DROP COLUMN assurance,
    DROP COLUMN reasons,
    DROP CONSTRAINT attempts_outcome_known,
    ADD CONSTRAINT attempts_outcome_known CHECK (outcome IN (
        'accepted', 'no_template', 'non_match', 'presentation_attack', 'liveness_required',
        'liveness_failed'
    )) NOT VALID;
