-- When somebody last signed in or renewed a session: accounts nobody uses are erased.
ALTER TABLE users ADD COLUMN last_active_at timestamptz NOT NULL DEFAULT now();
-- Consent can be withdrawn; then there are no templates until it is granted anew.
ALTER TABLE consents ADD COLUMN withdrawn_at timestamptz;
