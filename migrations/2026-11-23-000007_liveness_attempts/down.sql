-- Not validated, so that what the audit trail already holds stays.
ALTER TABLE attempts
    DROP CONSTRAINT attempts_kind_known,
    DROP CONSTRAINT attempts_outcome_known,
    ADD CONSTRAINT attempts_kind_known CHECK (
        kind IN ('register', 'verify', 'add_face')
    ) NOT VALID,
    ADD CONSTRAINT attempts_outcome_known CHECK (outcome IN (
        'accepted', 'no_template', 'non_match', 'presentation_attack', 'liveness_required'
    )) NOT VALID;
