-- Reads the table once, under a lock that stops nobody from reading or writing.
ALTER TABLE attempts
    VALIDATE CONSTRAINT attempts_kind_known,
    VALIDATE CONSTRAINT attempts_outcome_known;
