#!/bin/sh
# Backs the database up: `DATABASE_URL=... backup.sh FOLDER`. Needs pg_dump and psql, not older than
# the server.
#
# It writes two files. `data-TIME.dump` has everything but the keys of people: keep it as long as
# you like. Faces that wait for a few minutes to be redeemed by a liveness token are in neither: the
# key of the deployment opens them, not one of a person. Nor is the outbox: it may name people who
# are erased, and after a restore it would tell people of old events again. `keys-TIME.csv` has a
# line for every account, with the key that opens its faces: keep it for days only. Who is erased
# later is not in the next keys, so restore.sh cannot bring them back.
set -eu
umask 077
folder=$1
stamp=$(date -u +%Y%m%dT%H%M%SZ)
data=$folder/data-$stamp.dump
keys=$folder/keys-$stamp.csv
mkdir -p "$folder"

# Each file appears whole or not at all.
trap 'rm -f "$data.part" "$keys.part"' EXIT
pg_dump --format=custom --no-owner --no-privileges --exclude-table-data=user_keys \
    --exclude-table-data=liveness_grants --exclude-table-data=outbox --file "$data.part" "$DATABASE_URL"
mv "$data.part" "$data"
psql -X -q -v ON_ERROR_STOP=1 "$DATABASE_URL" > "$keys.part" <<'SQL'
COPY (
    SELECT users.id AS user_id, keys.id, keys.key_id, keys.wrapped, keys.created_at
    FROM users LEFT JOIN user_keys AS keys ON keys.user_id = users.id
) TO STDOUT (FORMAT csv, HEADER);
SQL
mv "$keys.part" "$keys"
echo "$data"
echo "$keys"
