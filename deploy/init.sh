#!/bin/sh
# Makes what a deployment keeps secret: `init.sh KEYS PASSWORDS`. compose.yaml runs it at every
# start. What exists is left alone, so keys and passwords stay the same.
#
# KEYS gets the keys and the settings with the address of the database. PASSWORDS gets what the
# database server reads. Each folder is for one service alone.
set -eu
umask 077
keys=$1
passwords=$2

# 192 random bits in hexadecimal, whole or not at all.
password() {
    [ -s "$1" ] && return
    rm -f "$1.part"
    head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n' > "$1.part"
    mv "$1.part" "$1"
}

mkdir -p "$passwords"
password "$passwords/postgres"
password "$passwords/faceauth"

faceauth keys init --dir "$keys"
rm -f "$keys/faceauth.toml.part"
{
    echo '# Made by init.sh at every start; change nothing here.'
    echo '[database]'
    echo "url = \"postgres://faceauth:$(cat "$passwords/faceauth")@postgres/faceauth?sslmode=disable\""
} > "$keys/faceauth.toml.part"
mv "$keys/faceauth.toml.part" "$keys/faceauth.toml"

# As root, hand them over to the users of the images: 10001 is FaceAuth, and 999 is Postgres.
if [ "$(id -u)" -eq 0 ]; then
    chown -R 10001:10001 "$keys"
    chown -R 999:999 "$passwords"
fi
echo "keys and passwords are in place"
