"""Random objects beside the tables of a random schema: views, routines, triggers, policies and their like.

An object says what it leans on: a table and some of its columns, another object, or nothing. It is rendered only where
that is there, so that two schemas may share objects though their tables differ.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from mizzle.names import ident, idents, literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COMMENTS = ("", "it's %s", ":x \\ {}", "two\nlines", "-- step 2: transaction")
DOMAINS = (
    "integer",
    "integer DEFAULT 3 CHECK (VALUE > 0)",
    'integer CONSTRAINT "d\'s" CHECK (VALUE BETWEEN 0 AND 99)',
    "bigint NOT NULL DEFAULT 1",
    "text CHECK (VALUE IN ('a', 'b'))",
    'varchar(9) COLLATE "C"',
)
PAIRS = (
    "a integer, b text",
    "a integer",
    "a bigint, b text",
    'b text, a integer, "C c" mood',
    "a integer, b varchar(3)[]",
)

_FUNCTIONS = (
    "({arg} integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1'",
    "({arg} integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $x$SELECT $1 + 2 -- it's; $$ %s :x$x$",
    "({arg} integer DEFAULT 7) RETURNS integer LANGUAGE sql STABLE STRICT COST 7 AS 'SELECT 2'",
    "({arg} integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS 'BEGIN RETURN 1; END'",
    "({arg} integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN {arg} + 1",
    "({arg} mood, VARIADIC more text[]) RETURNS SETOF text LANGUAGE sql AS 'SELECT ''a'''",
    "(OUT a integer, OUT {arg} text) LANGUAGE sql AS 'SELECT 1, ''x'''",
    "({arg} pair) RETURNS TABLE (x integer, y d) LANGUAGE sql AS 'SELECT 1, NULL::d'",
)
_ON_TABLE = {
    "view": (
        "CREATE VIEW {name} AS SELECT {columns} FROM {table}",
        "CREATE VIEW {name} AS SELECT {columns}, 1 AS one FROM {table} WHERE {first} IS NOT NULL",
        "CREATE VIEW {name} WITH (security_barrier) AS SELECT {first} AS r FROM {table} t WHERE t.{first} IS NULL",
        "CREATE VIEW {name} AS SELECT {first} FROM {table} WHERE {table}.{first}::text IN ('a', 'b')",
        "CREATE VIEW {name} AS SELECT count(*) AS n, {first} FROM {table} GROUP BY {first}",
    ),
    "materialized view": (
        "CREATE MATERIALIZED VIEW {name} AS SELECT {columns} FROM {table}",
        "CREATE MATERIALIZED VIEW {name} AS SELECT {first}::text AS t FROM {table} WITH NO DATA",
    ),
    "function": (
        "CREATE FUNCTION {name}() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count({first}) FROM {table}; END",
        "CREATE FUNCTION {name}(r {table}) RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    ),
    "trigger": (
        "CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION touch()",
        "CREATE TRIGGER {name} AFTER UPDATE OF {first} ON {table} EXECUTE FUNCTION touch('it''s')",
        "CREATE TRIGGER {name} AFTER INSERT ON {table} FOR ROW WHEN (NEW.{first} IS NULL) EXECUTE FUNCTION touch()",
        "CREATE TRIGGER {name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh EXECUTE FUNCTION touch()",
        "CREATE CONSTRAINT TRIGGER {name} AFTER DELETE ON {table} DEFERRABLE FOR EACH ROW EXECUTE FUNCTION touch()",
    ),
    "policy": (
        "CREATE POLICY {name} ON {table} USING ({first} IS NOT NULL)",
        "CREATE POLICY {name} ON {table} AS RESTRICTIVE FOR UPDATE TO CURRENT_USER WITH CHECK ({first}::text <> '%')",
    ),
    "rule": ("CREATE RULE {name} AS ON DELETE TO {table} WHERE OLD.{first} IS NULL DO INSTEAD NOTHING",),
    "row security": (
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    ),
    "replica identity": ("ALTER TABLE {table} REPLICA IDENTITY FULL",),
    "statistics": ("CREATE STATISTICS {name} ON {first}, ({first} IS NULL) FROM {table}",),
}
_ALONE = {
    "function": tuple(f"CREATE FUNCTION {{name}}{form}" for form in _FUNCTIONS),
    "procedure": ("CREATE PROCEDURE {name}(a integer) LANGUAGE plpgsql AS 'BEGIN NULL; END'",),
    "aggregate": ("CREATE AGGREGATE {name} (integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0')",),
    "partitioned": (
        """CREATE TABLE {name} (k integer, v text DEFAULT 'x') PARTITION BY RANGE (k);
        CREATE TABLE {one} PARTITION OF {name} FOR VALUES FROM (0) TO (10)""",
        """CREATE TABLE {name} (k integer NOT NULL, v text, PRIMARY KEY (k)) PARTITION BY LIST (k);
        CREATE TABLE {one} PARTITION OF {name} FOR VALUES IN (1, 2); CREATE TABLE {two} PARTITION OF {name} DEFAULT""",
    ),
    "inheriting": (
        "CREATE TABLE {name} (k integer CHECK (k > 0)); CREATE TABLE {one} (more text) INHERITS ({name})",
        "CREATE TABLE {name} (k bigint); CREATE TABLE {one} (k bigint DEFAULT 3) INHERITS ({name})",
    ),
}
_ON_A_TABLE = {"trigger", "policy", "rule", "row security", "replica identity"}
_COMMENTED = {"view", "materialized view", "trigger", "policy", "rule", "statistics"}
_NAMES = {
    "view": ("v", "V 2", "shared"),
    "materialized view": ("m", "shared"),
    "function": ("f", "F's", "order"),
    "procedure": ("p",),
    "aggregate": ("g",),
    "partitioned": ("parted",),
    "inheriting": ("parent",),
}
_LEANS = ("CREATE VIEW {name} AS SELECT * FROM {table}", "CREATE VIEW {name} AS SELECT count(*) FROM {table}")


@dataclass(frozen=True)
class RandomObject:
    """An object of a `kind`, in its `form`; `table` and `columns` are what it leans on, empty where that is nothing."""

    kind: str
    name: str
    form: str
    table: str = ""
    columns: tuple[str, ...] = ()
    comment: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What no other object beside it may have: its name, where that is shared, or that on its table."""
        return (
            self.table if self.kind in {"trigger", "policy", "rule", "row security", "replica identity"} else "",
            self.name,
        )

    def sql(self, tables: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
        """Yield its statements, if what it leans on is there: `tables` are those, with their columns."""
        columns = tuple(name for name in self.columns if name in tables.get(self.table, ()))
        if self.table and (self.table not in tables or (self.columns and not columns)):
            return
        places = {
            "name": self.name,
            "table": self.table,
            "one": f"{self.name} 1",
            "two": f"{self.name} 2",
            "arg": "a b",
        }
        places = {place: ident(name) for place, name in places.items()}
        places |= {"columns": idents(columns), "first": idents(columns[:1])}
        yield self.form.format(**places)
        if self.comment and self.kind in _COMMENTED:
            on = f" ON {ident(self.table)}" if self.kind in {"trigger", "policy", "rule"} else ""
            yield f"COMMENT ON {self.kind.upper()} {ident(self.name)}{on} IS {literal(self.comment)}"

    def with_column(self, table: str, old: str, new: str) -> RandomObject:
        """Return the object after a column of a table was renamed."""
        if self.table != table:
            return self
        return replace(self, columns=tuple(new if name == old else name for name in self.columns))

    def with_table(self, old: str, new: str) -> RandomObject:
        """Return the object after a table was renamed."""
        return replace(self, table=new) if self.table == old else self


@st.composite
def objects(draw: st.DrawFn, tables: Mapping[str, tuple[str, ...]]) -> tuple[RandomObject, ...]:
    """Return objects that lean on `tables`, given with their columns, on each other or on nothing."""
    made: dict[tuple[str, str], RandomObject] = {}
    for _ in range(draw(st.integers(0, 4))):
        alone = not tables or draw(st.integers(0, 2)) == 0
        kind = draw(st.sampled_from(sorted(_ALONE if alone else _ON_TABLE)))
        form = draw(st.sampled_from((_ALONE if alone else _ON_TABLE)[kind]))
        name = draw(st.sampled_from(_NAMES.get(kind, ("x", "X y", "select"))))
        thing = RandomObject(kind, name, form, comment=draw(st.sampled_from(COMMENTS)))
        if not alone:
            table = draw(st.sampled_from(sorted(tables)))
            columns = draw(st.lists(st.sampled_from(sorted(tables[table])), min_size=1, max_size=3, unique=True))
            thing = replace(thing, table=table, columns=tuple(columns))
        made.setdefault(thing.key, thing)
    views = [each.name for each in made.values() if each.kind in {"view", "materialized view"}]
    if views and draw(st.booleans()):
        over = RandomObject("view", "over", draw(st.sampled_from(_LEANS)), draw(st.sampled_from(views)))
        made.setdefault(over.key, over)
    return tuple(made.values())
