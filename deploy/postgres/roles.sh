#!/bin/sh
# The application's own role: it works in the tables and owns none. What it may do where, `flask audit protect` says.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -v password="$YKT_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE yikatong LOGIN PASSWORD :'password';
REVOKE ALL ON DATABASE yikatong FROM PUBLIC;
GRANT CONNECT ON DATABASE yikatong TO yikatong;
-- What wakes the background work makes tables of its own, and so has a database of its own.
CREATE DATABASE yikatong_jobs OWNER yikatong;
SQL
