-- The limits of the role behind a pooler in transaction mode, where the service cannot set them for
-- its session. It refuses a connection that lacks them. Run this as the role itself or as a
-- superuser, then RECONNECT in PgBouncer's console. `faceauth migrate` lifts the first for itself.
ALTER ROLE faceauth SET statement_timeout = '3s';
ALTER ROLE faceauth SET lock_timeout = '2s';
ALTER ROLE faceauth SET idle_in_transaction_session_timeout = '3s';
