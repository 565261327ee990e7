-- What account holders should hear of, until the receiver of webhooks has taken it. Written only
-- where webhooks are configured, in the transaction of what it tells.
--
-- No foreign key: that an account was erased is told after it is gone. So a row carries the id and
-- the name that the receiver finds the person by, and nothing else about them. The sweep deletes
-- what nobody took.
CREATE TABLE outbox (
    id uuid NOT NULL CONSTRAINT outbox_pkey PRIMARY KEY,
    -- The order of the events of one account.
    sequence bigint GENERATED ALWAYS AS IDENTITY,
    account_id uuid NOT NULL,
    username text NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    -- Not delivered before this.
    due_at timestamptz NOT NULL,
    -- Somebody delivers it until then; NULL when nobody does.
    leased_until timestamptz,
    -- A try that fails after this is the last one.
    give_up_at timestamptz NOT NULL,
    -- What came of the last try.
    last_result text,
    -- When it was given up.
    dead_at timestamptz,
    CONSTRAINT outbox_tries_range CHECK (tries >= 0)
);

-- The events before an event of the same account.
CREATE INDEX outbox_account_idx ON outbox (account_id, sequence);
-- What is due.
CREATE INDEX outbox_due_idx ON outbox (due_at) WHERE dead_at IS NULL;
-- The sweep.
CREATE INDEX outbox_at_idx ON outbox (at);
