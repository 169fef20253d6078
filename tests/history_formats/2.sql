-- The history's tables of format 2, with the role that acted, and with rows. It is never changed.
CREATE SCHEMA mizzle;
CREATE TABLE mizzle.meta (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    format integer NOT NULL,
    created timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    version text NOT NULL
);
COMMENT ON TABLE mizzle.meta IS 'the format of these tables, and the version of mizzle that wrote it';

CREATE TABLE mizzle.history (
    attempt bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scope text NOT NULL DEFAULT '',
    id text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('up', 'down')),
    checksum text NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'applied', 'failed', 'reverted')),
    origin text NOT NULL DEFAULT 'run' CHECK (origin IN ('run', 'resolve', 'baseline', 'squash', 'adopt')),
    replaces text[] NOT NULL DEFAULT '{}',
    started timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    finished timestamptz CHECK ((finished IS NULL) = (state = 'running')),
    role text NOT NULL DEFAULT session_user,
    acting text DEFAULT current_user,
    application text NOT NULL DEFAULT pg_catalog.current_setting('application_name'),
    host text NOT NULL,
    address inet DEFAULT pg_catalog.inet_client_addr(),
    version text NOT NULL,
    reason text,
    error text,
    CHECK (state <> 'applied' OR direction = 'up'),
    CHECK (state <> 'reverted' OR direction = 'down')
);
CREATE INDEX history_id_idx ON mizzle.history (scope, id, attempt);
COMMENT ON TABLE mizzle.history IS 'one row for each attempt at a migration; the latest one says where it stands';

CREATE TABLE mizzle.steps (
    attempt bigint NOT NULL REFERENCES mizzle.history,
    step integer NOT NULL CHECK (step > 0),
    checksum text NOT NULL,
    state text NOT NULL CHECK (state IN ('started', 'done')),
    started timestamptz NOT NULL,
    finished timestamptz CHECK ((finished IS NOT NULL) = (state = 'done')),
    PRIMARY KEY (attempt, step)
);
COMMENT ON TABLE mizzle.steps IS 'the steps of each attempt, by their number in the file';

INSERT INTO mizzle.meta (format, version) VALUES (2, '0.1.0');

INSERT INTO mizzle.history (id, direction, checksum, state, origin, finished, acting, host, version)
VALUES ('20250101000000_by_hand', 'up', repeat('a', 64), 'applied', 'run', clock_timestamp(), 'owner', 'laptop', '0.1.0'),
    ('20250101000000_by_hand', 'down', repeat('a', 64), 'reverted', 'run', clock_timestamp(), 'owner', 'laptop', '0.1.0');
INSERT INTO mizzle.steps VALUES (1, 1, repeat('b', 64), 'done', clock_timestamp(), clock_timestamp()),
    (1, 2, repeat('c', 64), 'started', clock_timestamp(), NULL);
