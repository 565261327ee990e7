#!/bin/sh
# Restores a backup into an empty database: `DATABASE_URL=... restore.sh DATA KEYS`, with files that
# backup.sh wrote. Take the newest keys, also with older data.
#
# Who is not in the keys was erased since, and stays erased. Faces that no key opens are deleted:
# their owner was reset, or withdrew consent. Everybody signs in again, because a session that was
# ended since would live again.
set -eu
data=$1
keys=$2
query() { psql -X -q -v ON_ERROR_STOP=1 "$DATABASE_URL" "$@"; }

[ -s "$keys" ] || { echo "$keys is missing or empty" >&2; exit 1; }
if [ "$(query -At -c "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")" != 0 ]; then
    echo "the database is not empty: make a new one, and restore into that" >&2
    exit 1
fi

pg_restore --no-owner --no-privileges --exit-on-error --dbname "$DATABASE_URL" "$data"

# All of it or nothing. Until it is done nobody has a key, and nobody can sign in.
query --single-transaction \
    -c "CREATE TEMPORARY TABLE kept (user_id uuid, id uuid, key_id text, wrapped bytea,
        created_at timestamptz) ON COMMIT DROP" \
    -c "\\copy kept FROM '$keys' (FORMAT csv, HEADER)" \
    -c "DELETE FROM users WHERE id NOT IN (SELECT user_id FROM kept)" \
    -c "INSERT INTO user_keys (user_id, id, key_id, wrapped, created_at)
        SELECT kept.* FROM kept JOIN users ON users.id = kept.user_id WHERE kept.id IS NOT NULL" \
    -c "DELETE FROM templates WHERE key_id ~ '^[0-9a-f]{8}-' AND NOT EXISTS
        (SELECT FROM user_keys WHERE user_keys.id::text = templates.key_id)" \
    -c "DELETE FROM enrolment_images WHERE key_id ~ '^[0-9a-f]{8}-' AND NOT EXISTS
        (SELECT FROM user_keys WHERE user_keys.id::text = enrolment_images.key_id)" \
    -c "DELETE FROM refresh_tokens"
query -c "ANALYZE"
query -At -c "SELECT count(*) || ' accounts restored, ' ||
    (SELECT count(*) FROM templates) || ' faces' FROM users"
echo "Look at \`faceauth keys api list\`: keys that were revoked since the backup are back."
