#!/bin/sh
# Makes the roles beside the owner's when the database is made (docs/operations.md, Roles of the database); `migrate` says what each may.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set app="$(cat /run/secrets/postgres_app_password)" --set purge="$(cat /run/secrets/postgres_purge_password)" <<'SQL'
CREATE ROLE yidi_app LOGIN PASSWORD :'app';
CREATE ROLE yidi_purge LOGIN PASSWORD :'purge';
SQL
