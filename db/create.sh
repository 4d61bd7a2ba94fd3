# shellcheck shell=bash
# Makes the service's role and its database, in the container of PostgreSQL and at its first start. The official image
# reads this file then; without Docker the lab does the same itself (crates/engine/src/database.rs).
#
# The data are loaded into a template and cloned from it, so that they can be cloned again.

# A volume that was filled half way counts as empty: the next start begins anew.
trap 'find "$PGDATA" -mindepth 1 -delete' EXIT

as() {
    role=$1 database=$2
    shift 2
    psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "$role" --dbname "$database" "$@"
}

as postgres postgres << 'SQL'
\getenv service SERVICE
\getenv password SERVICE_PASSWORD
-- A statement that fails is logged, and this one holds a password.
SET log_min_error_statement = panic;
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE seeding OWNER :"service" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';
SQL

for script in /seed/*.sql; do
    as "$SERVICE" seeding --single-transaction --file "$script"
done
as postgres seeding --command 'VACUUM (ANALYZE)'

as postgres postgres << 'SQL'
\getenv service SERVICE
ALTER DATABASE seeding RENAME TO seed;
CREATE DATABASE :"service" TEMPLATE seed OWNER :"service";
-- Without it, a sequence of the clone gives the same numbers again after a crash.
CHECKPOINT;
COMMENT ON DATABASE :"service" IS 'seed';
SQL

trap - EXIT
