ALTER TABLE refresh_tokens DROP COLUMN client_id, DROP COLUMN scope;
