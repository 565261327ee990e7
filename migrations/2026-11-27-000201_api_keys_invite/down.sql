-- The previous release knows no such keys.
DELETE FROM api_keys WHERE 'invite' = ANY (scopes);
ALTER TABLE api_keys
    DROP CONSTRAINT api_keys_scopes_known,
    ADD CONSTRAINT api_keys_scopes_known CHECK (
        cardinality(scopes) > 0
        AND scopes <@ ARRAY['enrol', 'scores:read', 'accounts:reset']
    );
