"""A change for every way in which a plan keeps readers and writers going (planning/online/), and rows for it."""

from __future__ import annotations

from dataclasses import dataclass

MAJORS = (14, 15, 16, 17, 18)
_ROWS = 5_000
_FILL = f"""
INSERT INTO owners SELECT n, 'owner ' || n FROM generate_series(1, {_ROWS}) AS n;
INSERT INTO things SELECT n, 'thing ' || n, n % 7, n, n % 11 + 1, now() FROM generate_series(1, {_ROWS}) AS n;
"""
_TABLES = """
CREATE TABLE owners (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE things (
    id integer NOT NULL{key}, name text{name}, kind integer{kind}, code integer{code}, owner integer{owner},
    at timestamptz{more}
);
{after}
"""
_PARTS = """
CREATE TABLE owners (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE events (id integer NOT NULL, day date NOT NULL, owner integer{owner}{key}) PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
{after}
"""
_FILL_PARTS = f"""
INSERT INTO owners SELECT n, 'owner ' || n FROM generate_series(1, {_ROWS}) AS n;
INSERT INTO events SELECT n, '2026-01-01'::date + n % 59, n FROM generate_series(1, {_ROWS}) AS n;
"""
_DEFAULT = "CREATE TABLE events_rest PARTITION OF events DEFAULT;"
_FILL_DEFAULT = _FILL_PARTS + "INSERT INTO events SELECT n, '2027-01-01', n FROM generate_series(1, 1000) AS n;"
_THIRD = "CREATE TABLE events_3 PARTITION OF events FOR VALUES FROM ('2026-03-01') TO ('2026-04-01');"


@dataclass(frozen=True, slots=True)
class Recipe:
    """One change, `old` to `new` (SQL for an empty database), `rows` that fill the old tables, the majors it is for."""

    name: str
    old: str
    new: str
    rows: str = _FILL
    majors: tuple[int, ...] = MAJORS

    def __str__(self) -> str:
        return self.name


def _things(**parts: str) -> str:
    return _TABLES.format(
        **({"key": " PRIMARY KEY", "name": "", "kind": "", "code": "", "owner": "", "more": "", "after": ""} | parts)
    )


def _events(**parts: str) -> str:
    return _PARTS.format(**({"owner": "", "key": "", "after": ""} | parts))


_LOADED = """
CREATE TABLE owners (id integer PRIMARY KEY, name text NOT NULL);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE things (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, kind integer DEFAULT 1 CHECK (kind >= 0),
    code integer, owner integer REFERENCES owners ON DELETE CASCADE, at timestamptz, above integer REFERENCES things
    {more}
);
CREATE UNIQUE INDEX things_code_idx ON things (code);
CREATE INDEX things_name_idx ON things (lower(name)) WHERE kind > 0;
{after}
COMMENT ON TABLE things IS 'what there is';
COMMENT ON COLUMN things.kind IS 'of seven';
COMMENT ON CONSTRAINT things_owner_fkey ON things IS 'whose it is';
CREATE TRIGGER noted BEFORE UPDATE ON things FOR EACH ROW EXECUTE FUNCTION noted();
ALTER TABLE things ENABLE ROW LEVEL SECURITY;
CREATE POLICY kinds ON things USING (kind > 1);
CREATE VIEW names AS SELECT id, name FROM things;
CREATE STATISTICS things_codes ON kind, code FROM things;
CREATE TABLE parts (id integer PRIMARY KEY, thing integer REFERENCES things);
"""
_FILL_LOADED = (
    _FILL.replace("INTO things SELECT", "INTO things (id, name, kind, code, owner, at) OVERRIDING SYSTEM VALUE SELECT")
    + f"INSERT INTO parts SELECT n, n FROM generate_series(1, {_ROWS}) AS n;"
)
_PLAIN, _PARTED = _things(), _events()
_KEYED = _things(after="CREATE INDEX things_kind_idx ON things (kind);")

RECIPES = (
    Recipe("index added", _PLAIN, _things(after="CREATE INDEX things_kind_idx ON things (kind, code);")),
    Recipe("unique index added", _PLAIN, _things(after="CREATE UNIQUE INDEX things_code_idx ON things (code);")),
    Recipe("index replaced", _KEYED, _things(after="CREATE INDEX things_kind_idx ON things (kind, at);")),
    Recipe("index dropped", _KEYED, _PLAIN),
    Recipe("unique key added", _PLAIN, _things(code=" UNIQUE")),
    Recipe("primary key added", _things(key=""), _PLAIN),
    Recipe("primary key over others", _PLAIN, _things(key="", code=" PRIMARY KEY")),
    Recipe("check added", _PLAIN, _things(kind=" CHECK (kind >= 0)")),
    Recipe(
        "check changed",
        _things(more=", CONSTRAINT small CHECK (kind < 100)"),
        _things(more=", CONSTRAINT small CHECK (kind < 50)"),
    ),
    Recipe("foreign key added", _PLAIN, _things(owner=" REFERENCES owners")),
    Recipe(
        "foreign key with another action",
        _things(owner=" REFERENCES owners"),
        _things(owner=" REFERENCES owners ON DELETE CASCADE"),
    ),
    Recipe("NOT NULL", _PLAIN, _things(name=" NOT NULL", code=" NOT NULL")),
    Recipe("column with a volatile default", _PLAIN, _things(more=", token uuid NOT NULL DEFAULT gen_random_uuid()")),
    Recipe("serial column", _PLAIN, _things(more=", number serial")),
    Recipe("identity column", _PLAIN, _things(more=", number bigint GENERATED ALWAYS AS IDENTITY")),
    Recipe(
        "type of a key",
        _PLAIN.replace("id integer NOT NULL PRIMARY KEY", "id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY")
        + "CREATE TABLE parts (id integer PRIMARY KEY, thing integer REFERENCES things);",
        _PLAIN.replace("id integer NOT NULL PRIMARY KEY", "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY")
        + "CREATE TABLE parts (id integer PRIMARY KEY, thing bigint REFERENCES things);",
        rows=_FILL.replace("INTO things SELECT", "INTO things OVERRIDING SYSTEM VALUE SELECT")
        + f"INSERT INTO parts SELECT n, n FROM generate_series(1, {_ROWS}) AS n;",
    ),
    Recipe(
        "type of a column with all over it",
        _things(
            code=" NOT NULL DEFAULT 1 CHECK (code > 0)",
            after="CREATE UNIQUE INDEX things_code_idx ON things (code);"
            " CREATE VIEW codes AS SELECT id, code FROM things;",
        ),
        _things(
            code=" NOT NULL DEFAULT 1 CHECK (code > 0)",
            after="CREATE UNIQUE INDEX things_code_idx ON things (code);"
            " CREATE VIEW codes AS SELECT id, code FROM things;",
        ).replace("code integer", "code bigint"),
    ),
    Recipe("stored generated column", _PLAIN, _things(more=", twice bigint GENERATED ALWAYS AS (id * 2) STORED")),
    Recipe(
        "stored generated column of a table with all over it",
        _LOADED.format(more="", after=""),
        _LOADED.format(
            more=", twice bigint GENERATED ALWAYS AS (id * 2) STORED NOT NULL",
            after="CREATE INDEX things_twice_idx ON things (twice);",
        ),
        rows=_FILL_LOADED,
    ),
    Recipe("partition added", _PARTED, _events(after=_THIRD), rows=_FILL_PARTS),
    Recipe(
        "partition added beside a default",
        _events(after=_DEFAULT),
        _events(after=_DEFAULT + _THIRD),
        rows=_FILL_DEFAULT,
    ),
    Recipe(
        "partition dropped",
        _events(after=_THIRD),
        _PARTED,
        rows=_FILL_PARTS,
    ),
    Recipe(
        "index on partitions",
        _PARTED,
        _events(after="CREATE INDEX events_owner_idx ON events (owner);"),
        rows=_FILL_PARTS,
    ),
    Recipe("primary key on partitions", _PARTED, _events(key=", PRIMARY KEY (id, day)"), rows=_FILL_PARTS),
    Recipe("unique key on partitions", _PARTED, _events(key=", UNIQUE (id, day)"), rows=_FILL_PARTS),
    Recipe("foreign key of partitions", _PARTED, _events(owner=" REFERENCES owners"), rows=_FILL_PARTS),
)
