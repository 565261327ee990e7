-- Reads the table once, while it is read and written as ever. Attaching it then reads nothing.
ALTER TABLE attempts VALIDATE CONSTRAINT attempts_boundary;
