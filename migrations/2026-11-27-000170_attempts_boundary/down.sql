ALTER TABLE attempts DROP CONSTRAINT attempts_boundary;
