-- Captures that are judged by themselves, and those that fail, join the audit trail. Both
-- lists only grow, so every row there is passes; the next migration checks that without
-- keeping writers out.
ALTER TABLE attempts
    DROP CONSTRAINT attempts_kind_known,
    DROP CONSTRAINT attempts_outcome_known,
    ADD CONSTRAINT attempts_kind_known CHECK (
        kind IN ('register', 'verify', 'add_face', 'liveness')
    ) NOT VALID,
    ADD CONSTRAINT attempts_outcome_known CHECK (outcome IN (
        'accepted', 'no_template', 'non_match', 'presentation_attack', 'liveness_required',
        'liveness_failed'
    )) NOT VALID;
