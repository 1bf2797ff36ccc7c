#!/bin/sh
# Writes the secrets that docker-compose.yml reads: random passwords for its stores. Never changes one that exists.
set -eu
cd "$(dirname -- "$0")/.."
mkdir -p secrets
# The folder keeps others out. The files themselves are open: Docker hands them to the container's user as they are.
chmod 700 secrets
umask 022
[ -e secrets/.gitignore ] || echo '*' >secrets/.gitignore

new() {
  [ -e "secrets/$1" ] || printf '%s' "$2" >"secrets/$1"
}
random() {
  od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}
new postgres_password "$(random)"
new redis_password "$(random)"
new database_url "postgres://partner_intake:$(cat secrets/postgres_password)@postgres:5432/partner_intake"
new redis_url "redis://:$(cat secrets/redis_password)@redis:6379"
# Of what may be used, and is not until it is filled in.
for name in licences_token desk_com_client_secret desk_com_refresh_token desk_eu_client_secret desk_eu_refresh_token; do
  new "$name" ''
done

for name in mailbox_com_password mailbox_eu_password; do
  [ -s "secrets/$name" ] || echo "still to do: write the app password of that mailbox into secrets/$name"
done
