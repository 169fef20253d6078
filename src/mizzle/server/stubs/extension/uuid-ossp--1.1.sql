/* The functions of contrib/uuid-ossp 1.1, in SQL. See the control file's comment for what they are worth. */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use '''CREATE EXTENSION "uuid-ossp"''' to load this file. \quit

DO $$
BEGIN
    RAISE WARNING 'extension "uuid-ossp" is a stand-in here'
        USING HINT = 'Versions 1 and 5 of its uuids are not the real ones.';
END $$;

CREATE FUNCTION uuid_nil() RETURNS uuid
IMMUTABLE STRICT LANGUAGE sql PARALLEL SAFE
RETURN '00000000-0000-0000-0000-000000000000'::uuid;

CREATE FUNCTION uuid_ns_dns() RETURNS uuid
IMMUTABLE STRICT LANGUAGE sql PARALLEL SAFE
RETURN '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid;

CREATE FUNCTION uuid_ns_url() RETURNS uuid
IMMUTABLE STRICT LANGUAGE sql PARALLEL SAFE
RETURN '6ba7b811-9dad-11d1-80b4-00c04fd430c8'::uuid;

CREATE FUNCTION uuid_ns_oid() RETURNS uuid
IMMUTABLE STRICT LANGUAGE sql PARALLEL SAFE
RETURN '6ba7b812-9dad-11d1-80b4-00c04fd430c8'::uuid;

CREATE FUNCTION uuid_ns_x500() RETURNS uuid
IMMUTABLE STRICT LANGUAGE sql PARALLEL SAFE
RETURN '6ba7b814-9dad-11d1-80b4-00c04fd430c8'::uuid;

CREATE FUNCTION uuid_generate_v1() RETURNS uuid
VOLATILE STRICT LANGUAGE sql PARALLEL SAFE
RETURN overlay(gen_random_uuid()::text PLACING '1' FROM 15)::uuid;

CREATE FUNCTION uuid_generate_v1mc() RETURNS uuid
VOLATILE STRICT LANGUAGE sql PARALLEL SAFE
RETURN overlay(gen_random_uuid()::text PLACING '1' FROM 15)::uuid;

CREATE FUNCTION uuid_generate_v3(namespace uuid, name text) RETURNS uuid
IMMUTABLE STRICT LANGUAGE sql PARALLEL SAFE
AS $$
    SELECT overlay(overlay(hash PLACING '3' FROM 13)
                   PLACING substr('89ab', 1 + (('x' || substr(hash, 17, 1))::bit(4)::int & 3), 1) FROM 17)::uuid
    FROM md5(uuid_send($1) || convert_to($2, 'UTF8')) AS hash
$$;

CREATE FUNCTION uuid_generate_v4() RETURNS uuid
VOLATILE STRICT LANGUAGE sql PARALLEL SAFE
RETURN gen_random_uuid();

-- The real one hashes with SHA-1, which the server has no function for.
CREATE FUNCTION uuid_generate_v5(namespace uuid, name text) RETURNS uuid
IMMUTABLE STRICT LANGUAGE sql PARALLEL SAFE
AS $$
    SELECT overlay(overlay(left(encode(sha256(uuid_send($1) || convert_to($2, 'UTF8')), 'hex'), 32)
                   PLACING '5' FROM 13) PLACING '8' FROM 17)::uuid
$$;
