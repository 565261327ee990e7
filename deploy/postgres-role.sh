#!/bin/sh
# Runs once, when the database is made. It makes a role for FaceAuth that owns its database and
# nothing else. The role is not a superuser, creates no roles and databases, and reads no files of
# the server.
set -eu
password=$(cat /run/passwords/faceauth)
psql --set ON_ERROR_STOP=1 --set password="$password" --username postgres <<'SQL'
CREATE ROLE faceauth LOGIN PASSWORD :'password'
    NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
CREATE DATABASE faceauth OWNER faceauth;
REVOKE CONNECT, TEMPORARY ON DATABASE faceauth FROM PUBLIC;
\connect faceauth
ALTER SCHEMA public OWNER TO faceauth;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
SQL
