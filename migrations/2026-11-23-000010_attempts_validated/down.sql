-- A constraint cannot be made unvalidated but by putting it there again.
ALTER TABLE attempts
    DROP CONSTRAINT attempts_outcome_known,
    ADD CONSTRAINT attempts_outcome_known CHECK (outcome IN (
        'accepted', 'no_template', 'non_match', 'presentation_attack', 'liveness_required',
        'liveness_failed', 'locked'
    )) NOT VALID;
