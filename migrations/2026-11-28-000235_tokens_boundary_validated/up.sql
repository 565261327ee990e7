-- Reads the table once, while it is read and written as ever. Attaching it then reads nothing.
ALTER TABLE refresh_tokens VALIDATE CONSTRAINT refresh_tokens_boundary;
