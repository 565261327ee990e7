-- Reads the table once, while it is read and written as ever.
ALTER TABLE attempts VALIDATE CONSTRAINT attempts_outcome_known;
