-- What a role needs that serves and owns nothing, so that whoever takes over a replica can drop and
-- change no table. `faceauth migrate` goes on as the role that owns the tables. Run this as that
-- role, in the database of FaceAuth, after `faceauth migrate`. The role itself comes first:
-- CREATE ROLE faceauth_serving LOGIN PASSWORD '...';
GRANT USAGE ON SCHEMA public TO faceauth_serving;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO faceauth_serving;
-- Which migrations have run, it only reads.
REVOKE INSERT, UPDATE, DELETE ON __diesel_schema_migrations FROM faceauth_serving;
-- Readiness tries with this table whether the disk is full.
GRANT TRUNCATE ON write_probe TO faceauth_serving;
-- For the tables that later migrations make.
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO faceauth_serving;
