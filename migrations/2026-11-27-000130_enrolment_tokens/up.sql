-- Enrolment tokens that nobody has used yet, at most one an account. The token itself is a
-- signed JWT; its `jti` stands here until it adds a face or the account is reset again.
CREATE TABLE enrolment_tokens (
    id uuid NOT NULL CONSTRAINT enrolment_tokens_pkey PRIMARY KEY,
    user_id uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    -- Also serves the cascade.
    CONSTRAINT enrolment_tokens_user_unique UNIQUE (user_id),
    CONSTRAINT enrolment_tokens_user_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

-- The sweep.
CREATE INDEX enrolment_tokens_expires_idx ON enrolment_tokens (expires_at);
