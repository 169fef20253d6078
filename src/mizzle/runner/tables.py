"""The tables of the history (docs/history.md): made once, and told from a schema that belongs to somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import psycopg

from mizzle.errors import ConfigError, DatabaseError, HistoryError
from mizzle.names import MAX_BYTES, ident, literal
from mizzle.runner.connection import Connection

FORMAT = 3
"""The version of these tables, which `meta` records."""

_TABLES = frozenset({"meta", "history", "steps"})
_SHOWN = 5

_CREATE_SCHEMA = """
CREATE SCHEMA {schema};
COMMENT ON SCHEMA {schema} IS 'history of migrations, kept by mizzle';
"""
# The comments say what each column holds: docs/history.md is made of them.
_CREATE = """
CREATE TABLE {schema}.meta (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    -- the version of these tables. A newer one than a mizzle knows is refused; an older one is read as it is, and
    -- upgraded by the next run that writes, under its lock and in one transaction
    format integer NOT NULL,
    -- when they were made
    created timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    -- the mizzle that wrote this format
    version text NOT NULL
);
COMMENT ON TABLE {schema}.meta IS 'the format of these tables, and the version of mizzle that wrote it';

CREATE TABLE {schema}.history (
    -- number of the attempt, in the order in which they began
    attempt bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- empty; in a project with one schema per tenant, that schema
    scope text NOT NULL DEFAULT '',
    -- the migration: the name of its folder
    id text NOT NULL,
    -- `up` or `down`
    direction text NOT NULL CHECK (direction IN ('up', 'down')),
    -- SHA-256 of the file that ran, as the folder computes it
    checksum text NOT NULL,
    -- `running`, `applied` (up, to its end), `reverted` (down, to its end), `failed`
    state text NOT NULL CHECK (state IN ('running', 'applied', 'failed', 'reverted')),
    -- `run`; or `resolve`, `baseline`, `squash`, `adopt` for a row that was written without running anything
    origin text NOT NULL DEFAULT 'run' CHECK (origin IN ('run', 'resolve', 'baseline', 'squash', 'adopt')),
    -- the migrations that a squashed one stands for; empty for all others
    replaces text[] NOT NULL DEFAULT '{{}}',
    -- when it began, by the server's clock
    started timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    -- when it ended; NULL while it is `running`
    finished timestamptz CHECK ((finished IS NULL) = (state = 'running')),
    -- the session user
    role text NOT NULL DEFAULT session_user,
    -- the role that it acted as, by the `role` setting; NULL where format 1 wrote it
    acting text DEFAULT current_user,
    -- the application's name
    application text NOT NULL DEFAULT pg_catalog.current_setting('application_name'),
    -- the client's host name
    host text NOT NULL,
    -- the client's IP address; NULL for a Unix socket
    address inet DEFAULT pg_catalog.inet_client_addr(),
    -- the mizzle that made the attempt
    version text NOT NULL,
    -- what a person gave as the reason; NULL for `run`
    reason text,
    -- why it failed: place, PostgreSQL's message; `interrupted: ...` where nothing failed
    error text,
    CHECK (state <> 'applied' OR direction = 'up'),
    CHECK (state <> 'reverted' OR direction = 'down')
);
CREATE INDEX history_id_idx ON {schema}.history (scope, id, attempt);
COMMENT ON TABLE {schema}.history IS 'one row for each attempt at a migration; the latest one says where it stands';

CREATE TABLE {schema}.steps (
    -- the attempt
    attempt bigint NOT NULL REFERENCES {schema}.history,
    -- the step's number in the file
    step integer NOT NULL CHECK (step > 0),
    -- SHA-256 of the step's SQL
    checksum text NOT NULL,
    -- `started` (outside a transaction, before it runs; a backfill, with its first batch) or `done`
    state text NOT NULL CHECK (state IN ('started', 'done')),
    -- when it began, by the server's clock
    started timestamptz NOT NULL,
    -- when it was done; NULL before
    finished timestamptz CHECK ((finished IS NOT NULL) = (state = 'done')),
    -- how far a backfill is: the key of the last row, each value as text, and the rows up to there:
    -- `{{"key":{{"id":"5000"}},"rows":5000}}`; NULL for other steps
    position text,
    PRIMARY KEY (attempt, step)
);
COMMENT ON TABLE {schema}.steps IS 'the steps of each attempt, by their number in the file';

INSERT INTO {schema}.meta (format, version) VALUES ({format}, {version});
"""
# What makes of each format the next one; `meta` says which is there. Columns are added, and no meaning changes.
_UPGRADES = {
    1: """
ALTER TABLE {schema}.history ADD COLUMN acting text;
ALTER TABLE {schema}.history ALTER COLUMN acting SET DEFAULT current_user;
""",
    2: """
ALTER TABLE {schema}.steps ADD COLUMN position text;
""",
}
_UPGRADED = "UPDATE {schema}.meta SET format = {format}, version = {version};\n"
_THERE = "SELECT bool_and(pg_catalog.to_regclass(name) IS NOT NULL) FROM unnest(%s::text[]) AS names (name)"
_LOOK = """
SELECT n.nspname, c.relname
FROM pg_catalog.pg_namespace AS n
LEFT JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relkind NOT IN ('i', 'I', 't')
WHERE n.nspname = %s
UNION ALL
SELECT n.nspname, p.proname FROM pg_catalog.pg_namespace AS n JOIN pg_catalog.pg_proc AS p ON p.pronamespace = n.oid
WHERE n.nspname = %s
ORDER BY 2
"""


class Found(Enum):
    """What stands in the history's schema."""

    NOTHING = "no such schema"
    EMPTY = "an empty schema"
    TABLES = "the tables of the history"


def look(conn: Connection, schema: str) -> Found:
    """Tell what the schema holds. Raises ConfigError for a name no schema can have, or a schema of somebody else's."""
    if not 0 < len(schema.encode()) <= MAX_BYTES or schema.startswith("pg_"):
        raise ConfigError(
            f"no schema can be called {ident(schema)}", hint="choose another name for the history's schema"
        )
    there = [f"{ident(schema)}.{name}" for name in sorted(_TABLES)]
    if _are_there(conn, there):
        return Found.TABLES
    rows = conn.execute(_LOOK, (schema, schema)).fetchall()
    names = [name for _, name in rows if name is not None]
    if not names:
        return Found.EMPTY if rows else Found.NOTHING
    if _are_there(conn, there):  # another migrator has made them between the two questions
        return Found.TABLES
    raise _foreign(schema, names)


def _are_there(conn: Connection, tables: Sequence[str]) -> bool:
    found = conn.execute(_THERE, (tables,)).fetchone()
    return found is not None and bool(found[0])


def check_format(conn: Connection, schema: str) -> int:
    """Return the format of the tables; whoever reads understands all of them up to FORMAT.

    Raises HistoryError where a newer version has written them, ConfigError where they are somebody else's.
    """
    try:
        row = conn.execute(f"SELECT format, version FROM {ident(schema)}.meta".encode()).fetchone()
    except psycopg.errors.UndefinedColumn:
        raise _foreign(schema, sorted(_TABLES)) from None
    if row is None or row[0] > FORMAT:
        found = f"format {row[0]}, written by mizzle {row[1]}" if row else "no format"
        raise HistoryError(
            f"the history in schema {ident(schema)} has {found}; this mizzle knows format {FORMAT}",
            hint="run this with a mizzle as new as the one that wrote it",
        )
    return int(row[0])


def upgrade(conn: Connection, schema: str, version: str, found: int) -> None:
    """Make of tables of an older format, `found`, those of FORMAT, in one transaction. Only for who holds the lock.

    Raises DatabaseError where this role may not: it has to own them.
    """
    text = "".join(_UPGRADES[each] for each in range(found, FORMAT))
    sql = (text + _UPGRADED).format(schema=ident(schema), format=FORMAT, version=literal(version))
    try:
        with conn.transaction():
            conn.execute(sql.encode())
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseError(
            f"the history in schema {ident(schema)} has format {found}, and role {ident(_role(conn))} "
            "may not upgrade it",
            hint="run this as the owner of its tables, once (or by the `role` setting)",
            sqlstate="42501",
        ) from error


def ddl(schema: str, version: str, found: Found = Found.NOTHING) -> str:
    """Return the SQL that makes what look() has not `found`."""
    text = _CREATE_SCHEMA + _CREATE if found is Found.NOTHING else _CREATE
    return text.format(schema=ident(schema), format=FORMAT, version=literal(version))


def create(conn: Connection, schema: str, version: str, found: Found) -> None:
    """Make what look() has not `found`, in one transaction. Raises DatabaseError where this role may not."""
    sql = ddl(schema, version, found)
    try:
        with conn.transaction():
            conn.execute(sql.encode())
    except psycopg.errors.InsufficientPrivilege as error:
        raise _not_allowed(conn, schema) from error


def _not_allowed(conn: Connection, schema: str) -> DatabaseError:
    role, database = ident(_role(conn)), ident(conn.info.dbname)
    return DatabaseError(
        f"role {role} may not create the history's schema {ident(schema)} in database {database}",
        hint=f"GRANT CREATE ON DATABASE {database} TO {role}, or CREATE SCHEMA {ident(schema)} AUTHORIZATION {role}",
        sqlstate="42501",
    )


def _role(conn: Connection) -> str:
    row = conn.execute("SELECT current_user").fetchone()
    assert row is not None
    return str(row[0])


def _foreign(schema: str, names: Sequence[str]) -> ConfigError:
    more = ", ..." if len(names) > _SHOWN else ""
    return ConfigError(
        f"schema {ident(schema)} is not a history of migrations: it holds {', '.join(names[:_SHOWN])}{more}",
        hint="it is left alone: name another schema for the history, or move what is in this one",
    )
