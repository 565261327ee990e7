ALTER TABLE authorization_codes
    DROP CONSTRAINT authorization_codes_sealed_nonce,
    DROP COLUMN sealed_nonce,
    DROP COLUMN nonce_key_id;
ALTER TABLE authorization_requests
    DROP CONSTRAINT authorization_requests_sealed,
    DROP COLUMN sealed,
    DROP COLUMN key_id,
    ALTER COLUMN parameters DROP DEFAULT;
