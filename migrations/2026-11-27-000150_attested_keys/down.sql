ALTER TABLE refresh_tokens DROP COLUMN attestation;
ALTER TABLE liveness_grants DROP COLUMN attestation;
ALTER TABLE attempts DROP COLUMN attestation;
DROP TABLE attested_keys;
