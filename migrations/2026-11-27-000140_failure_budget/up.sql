-- `pending` attempts have begun and not ended; they count until two minutes after `last_at`.
-- `budget_full_at` is when time has given back every try that was spent; NULL when none is.
ALTER TABLE failures
    ADD COLUMN pending integer NOT NULL DEFAULT 0,
    ADD COLUMN budget_full_at timestamptz;
