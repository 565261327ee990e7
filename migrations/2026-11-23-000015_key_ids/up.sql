-- What has still to be wrapped or sealed anew, and whether a key can be forgotten.
CREATE INDEX CONCURRENTLY templates_key_idx ON templates (key_id);
