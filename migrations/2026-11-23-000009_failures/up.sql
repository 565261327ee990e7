-- Consecutive failed sign-ins by claimed name, which may have no account: a name without one
-- must wait like any other. `device` is nil for callers without a device token, and
-- otherwise a device that has signed in to this account before.
CREATE TABLE failures (
    username_key text NOT NULL,
    device uuid NOT NULL,
    in_a_row integer NOT NULL,
    blocked_until timestamptz,
    last_at timestamptz NOT NULL,
    CONSTRAINT failures_pkey PRIMARY KEY (username_key, device),
    CONSTRAINT failures_username_key_length CHECK (char_length(username_key) BETWEEN 1 AND 128),
    CONSTRAINT failures_in_a_row_not_negative CHECK (in_a_row >= 0)
);

-- The sweep.
CREATE INDEX failures_last_at_idx ON failures (last_at);

-- The audit trail says what was shown, and why a liveness capture was refused.
ALTER TABLE attempts
    ADD COLUMN assurance text,
    ADD COLUMN reasons text[] NOT NULL DEFAULT '{}',
    DROP CONSTRAINT attempts_outcome_known,
    ADD CONSTRAINT attempts_outcome_known CHECK (outcome IN (
        'accepted', 'no_template', 'non_match', 'presentation_attack', 'liveness_required',
        'liveness_failed', 'locked'
    )) NOT VALID;
