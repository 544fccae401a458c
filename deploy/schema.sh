#!/bin/sh
# Creates Temporal's two databases and brings their tables up to date. Safe to run again: what is there stays.
set -eu

SQL_PASSWORD="$(cat /run/secrets/database-password)"
export SQL_PASSWORD

bring_up_to_date() {
    database="$1"
    versions="/etc/temporal/schema/postgresql/v12/$2/versioned"
    sql="temporal-sql-tool --plugin postgres12 --endpoint postgres --port 5432 --user temporal --database $database"
    echo "schema: $database"
    $sql create-database
    $sql setup-schema --version 0.0
    $sql update-schema --schema-dir "$versions"
}

bring_up_to_date temporal temporal
bring_up_to_date temporal_visibility visibility
