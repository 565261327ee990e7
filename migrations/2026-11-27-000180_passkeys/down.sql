DROP TABLE factor_transactions;
DROP TABLE recovery_codes;
DROP TABLE passkeys;
