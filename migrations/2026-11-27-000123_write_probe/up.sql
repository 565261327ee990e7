-- Empty for ever: readiness writes to it, and rolls back, to see whether the disk takes a write.
CREATE TABLE write_probe (
    id smallint CONSTRAINT write_probe_pkey PRIMARY KEY
);
