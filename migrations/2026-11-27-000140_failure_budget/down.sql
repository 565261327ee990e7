ALTER TABLE failures
    DROP COLUMN budget_full_at,
    DROP COLUMN pending;
