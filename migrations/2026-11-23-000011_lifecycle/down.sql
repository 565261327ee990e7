ALTER TABLE consents DROP COLUMN withdrawn_at;
ALTER TABLE users DROP COLUMN last_active_at;
