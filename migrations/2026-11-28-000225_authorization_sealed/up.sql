-- What clients ask for is sealed while it waits. The columns `parameters` and `nonce` stay for the
-- replicas of the release before. This one neither writes nor reads them.
ALTER TABLE authorization_requests
    ALTER COLUMN parameters SET DEFAULT '',
    -- The key of the deployment that sealed the parameters.
    ADD COLUMN key_id text,
    -- Version, nonce of the cipher, parameters, tag.
    ADD COLUMN sealed bytea,
    ADD CONSTRAINT authorization_requests_sealed CHECK (
        (sealed IS NULL) = (key_id IS NULL) AND octet_length(sealed) <= 32797
    ) NOT VALID;
ALTER TABLE authorization_codes
    ADD COLUMN nonce_key_id text,
    -- For the ID token, until the code is redeemed.
    ADD COLUMN sealed_nonce bytea,
    ADD CONSTRAINT authorization_codes_sealed_nonce CHECK (
        (sealed_nonce IS NULL) = (nonce_key_id IS NULL)
    ) NOT VALID;
