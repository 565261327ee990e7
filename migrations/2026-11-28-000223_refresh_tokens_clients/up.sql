-- The client that a session was begun for, and what it was given. NULL: the service's own page and
-- programs.
ALTER TABLE refresh_tokens ADD COLUMN client_id text, ADD COLUMN scope text;
