/* What contrib/pgcrypto 1.4 adds. */

-- complain if script is sourced in psql, rather than via ALTER EXTENSION
\echo Use "ALTER EXTENSION pgcrypto UPDATE TO '1.4'" to load this file. \quit

CREATE FUNCTION fips_mode() RETURNS bool
VOLATILE STRICT LANGUAGE sql PARALLEL SAFE
RETURN false;
