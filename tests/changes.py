"""The changes that people make, each said twice: in SQL and in models of SQLAlchemy, before and after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Computed, ForeignKey, Identity, Index, MetaData, Table, event, text
from sqlalchemy.dialects import postgresql as pg

Models = Callable[[MetaData], object]

MOOD = "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: the SQL and the models of both sides, and what is expected of it (see acceptance.Case).

    `models` are what makes the old and the new tables; None on the side that has none. `only`: this SQL is in the
    database and in no model; what it makes is left as it is.
    """

    number: int
    name: str
    old: str
    new: str
    models: tuple[Models, Models]
    only: str = ""
    expect: dict[str, Any] = field(default_factory=dict[str, Any])


def t(*columns: str, name: str = "t") -> str:
    """Return the SQL of the table."""
    return f"CREATE TABLE {name} (id integer PRIMARY KEY{''.join(f', {each}' for each in columns)});"


def T(m: MetaData, *parts: Any, name: str = "t", **more: Any) -> Table:  # noqa: N802 - it is short, and beside t()
    """Return the model of the table."""
    return Table(name, m, Column("id", sa.Integer, primary_key=True, autoincrement=False), *parts, **more)


def one(number: int, name: str, old: str, new: str, was: Any, now: Any, **expect: Any) -> Change:
    """Return a change of the table's column `a` alone: its SQL, and what Column() takes behind the name."""

    def model(arguments: Any) -> Models:
        listed, named = arguments if isinstance(arguments, tuple) else ((arguments,), {})
        return lambda m: T(m, Column("a", *listed, **named))

    return Change(number, name, t(f"a {old}"), t(f"a {new}"), (model(was), model(now)), expect=expect)


def with_(*listed: Any, **named: Any) -> Any:
    """Return what Column() takes behind the name."""
    return listed, named


def typed(number: int, old: str, new: str, was: Any, now: Any, **expect: Any) -> Change:
    """Return a change of type."""
    return one(number, f"type {old}->{new}", old, new, was, now, **expect)


def default(number: int, name: str, type_: Any, sql: str, old: str, new: str, **expect: Any) -> Change:
    """Return a change of the server default; an empty text is none."""

    def column(said: str) -> Any:
        return with_(type_, server_default=text(said.replace(":", "\\:"))) if said else with_(type_)

    def told(said: str) -> str:
        return f"{sql} DEFAULT {said}" if said else sql

    return one(number, name, told(old), told(new), column(old), column(new), **expect)


def enum(*labels: str, name: str = "mood") -> Any:
    """Return the enum type."""
    return sa.Enum(*labels, name=name)


def moods(*labels: str, name: str = "mood") -> str:
    """Return the SQL of the enum type."""
    return f"CREATE TYPE {name} AS ENUM ({', '.join(repr(each) for each in labels)});"


def enums(number: int, name: str, old: tuple[str, ...], new: tuple[str, ...], **expect: Any) -> Change:
    """Return a change of the labels of an enum that a column has."""
    return Change(
        number,
        name,
        moods(*old) + t("a mood"),
        moods(*new) + t("a mood"),
        (lambda m: T(m, Column("a", enum(*old))), lambda m: T(m, Column("a", enum(*new)))),
        expect=expect,
    )


INT, STR = sa.Integer, sa.Text
ADD = "DATA_DEPENDENT"

CHANGES = (
    enums(1, "enum add value (end)", ("sad", "ok"), ("sad", "ok", "happy")),
    enums(2, "enum add value (middle)", ("sad", "happy"), ("sad", "ok", "happy")),
    enums(
        3,
        "enum remove value, unused",
        ("sad", "ok", "happy"),
        ("sad", "ok"),
        rows="INSERT INTO t VALUES (1, 'sad'), (2, 'ok')",
    ),
    enums(4, "enum remove value, in use", ("sad", "ok", "happy"), ("sad", "ok"), fails="happy"),
    enums(
        5,
        "enum rename value",
        ("sad", "ok"),
        ("sad", "fine"),
        renames={"public.mood.ok": "fine"},
        has=["RENAME VALUE"],
    ),
    Change(
        6,
        "enum add value + default using it",
        moods("sad", "ok") + t("a mood DEFAULT 'ok'"),
        moods("sad", "ok", "happy") + t("a mood DEFAULT 'happy'"),
        (
            lambda m: T(m, Column("a", enum("sad", "ok"), server_default="ok")),
            lambda m: T(m, Column("a", enum("sad", "ok", "happy"), server_default="happy")),
        ),
    ),
    Change(
        7,
        "enum type rename",
        moods("sad", "ok") + t("a mood"),
        moods("sad", "ok", name="feeling") + t("a feeling"),
        (
            lambda m: T(m, Column("a", enum("sad", "ok"))),
            lambda m: T(m, Column("a", enum("sad", "ok", name="feeling"))),
        ),
        expect={"renames": {"public.mood": "feeling"}, "hasnt": ["DROP", "CREATE"]},
    ),
    Change(
        8,
        "enum: new type on new column",
        t(),
        moods("sad", "ok") + t("a mood"),
        (T, lambda m: T(m, Column("a", enum("sad", "ok")))),
    ),
    Change(
        9,
        "enum: last column using it dropped",
        moods("sad", "ok") + t("a mood"),
        t(),
        (lambda m: T(m, Column("a", enum("sad", "ok"))), T),
    ),
    Change(
        10,
        "enum: varchar -> enum",
        t("a varchar"),
        moods("v1", "v2", "v3") + t("a mood"),
        (lambda m: T(m, Column("a", sa.String)), lambda m: T(m, Column("a", enum("v1", "v2", "v3")))),
    ),
    Change(
        11,
        "enum: enum -> varchar",
        moods("sad", "ok") + t("a mood DEFAULT 'ok'"),
        t("a varchar DEFAULT 'ok'"),
        (
            lambda m: T(m, Column("a", enum("sad", "ok"), server_default="ok")),
            lambda m: T(m, Column("a", sa.String, server_default="ok")),
        ),
    ),
    Change(
        12,
        "enum: table using it dropped",
        t() + moods("sad", "ok") + t("a mood", name="u"),
        t(),
        (lambda m: (T(m), T(m, Column("a", enum("sad", "ok")), name="u")), T),
    ),
    enums(13, "enum reorder values", ("sad", "ok", "happy"), ("happy", "ok", "sad")),
    Change(
        14,
        "column rename",
        t("a text"),
        t("b text"),
        (lambda m: T(m, Column("a", STR)), lambda m: T(m, Column("b", STR, info={"renamed_from": "a"}))),
        expect={"renames": {"public.t.a": "b"}, "hasnt": ["DROP"]},
    ),
    Change(
        15,
        "column rename NOT NULL",
        t("a text NOT NULL"),
        t("b text NOT NULL"),
        (
            lambda m: T(m, Column("a", STR, nullable=False)),
            lambda m: T(m, Column("b", STR, nullable=False, info={"renamed_from": "a"})),
        ),
        expect={"renames": {"public.t.a": "b"}, "hasnt": ["DROP"]},
    ),
    Change(
        16,
        "table rename",
        t("a text"),
        t("a text", name="u"),
        (
            lambda m: T(m, Column("a", STR)),
            lambda m: T(m, Column("a", STR), name="u", info={"renamed_from": "t"}),
        ),
        expect={"renames": {"public.t": "u"}, "hasnt": ["DROP TABLE"]},
    ),
    Change(
        17,
        "CHECK add (named)",
        t("a integer"),
        t("a integer, CONSTRAINT positive CHECK (a > 0)"),
        (
            lambda m: T(m, Column("a", INT)),
            lambda m: T(m, Column("a", INT), CheckConstraint("a > 0", name="positive")),
        ),
    ),
    Change(
        18,
        "CHECK add, rows violate",
        t("a integer"),
        t("a integer, CONSTRAINT big CHECK (a > 2)"),
        (lambda m: T(m, Column("a", INT)), lambda m: T(m, Column("a", INT), CheckConstraint("a > 2", name="big"))),
        expect={"fails": 'check constraint "big" of relation "t" is violated by some row'},
    ),
    Change(
        19,
        "CHECK drop (named)",
        t("a integer, CONSTRAINT positive CHECK (a > 0)"),
        t("a integer"),
        (
            lambda m: T(m, Column("a", INT), CheckConstraint("a > 0", name="positive")),
            lambda m: T(m, Column("a", INT)),
        ),
    ),
    Change(
        20,
        "CHECK expression change, same name",
        t("a integer, CONSTRAINT c CHECK (a > 0)"),
        t("a integer, CONSTRAINT c CHECK (a >= 0)"),
        (
            lambda m: T(m, Column("a", INT), CheckConstraint("a > 0", name="c")),
            lambda m: T(m, Column("a", INT), CheckConstraint("a >= 0", name="c")),
        ),
    ),
    Change(
        21,
        "CHECK rename",
        t("a integer, CONSTRAINT c CHECK (a > 0)"),
        t("a integer, CONSTRAINT d CHECK (a > 0)"),
        (
            lambda m: T(m, Column("a", INT), CheckConstraint("a > 0", name="c")),
            lambda m: T(m, Column("a", INT), CheckConstraint("a > 0", name="d")),
        ),
        expect={"has": ["RENAME CONSTRAINT"], "hasnt": ["DROP"]},
    ),
    default(22, "default add", STR, "text", "", "'x'"),
    default(23, "default change (string)", STR, "text", "'x'", "'y'"),
    default(24, "default drop", STR, "text", "'x'", ""),
    default(25, "default int 0 -> 1", INT, "integer", "0", "1"),
    default(
        26,
        "default now() -> clock_timestamp()",
        sa.DateTime(timezone=True),
        "timestamptz",
        "now()",
        "clock_timestamp()",
    ),
    default(27, "default gen_random_uuid() -> uuidv7()", sa.Uuid, "uuid", "gen_random_uuid()", "uuidv7()", majors=[18]),
    default(28, 'default json {} -> {"a":1}', sa.JSON, "json", "'{}'", "'{\"a\":1}'"),
    default(29, "default jsonb unchanged", pg.JSONB, "jsonb", '\'{"b": 1, "a": 2}\'', '\'{"b": 1, "a": 2}\'::jsonb'),
    default(30, "default json unchanged", sa.JSON, "json", "'{\"a\": 1}'", "'{\"a\": 1}'::json"),
    default(31, 'default text "50%" unchanged', STR, "text", "'50%'", "'50%'::text"),
    default(32, "default text with quote it's unchanged", STR, "text", "'it''s'", "'it''s'::text"),
    default(33, "default text with quote changed", STR, "text", "'it''s'", "'it''s not'"),
    default(34, "default array unchanged", pg.ARRAY(INT), "integer[]", "'{1,2}'", "'{1,2}'::integer[]"),
    Change(
        35,
        "default enum change",
        moods("sad", "ok") + t("a mood DEFAULT 'sad'"),
        moods("sad", "ok") + t("a mood DEFAULT 'ok'"),
        (
            lambda m: T(m, Column("a", enum("sad", "ok"), server_default="sad")),
            lambda m: T(m, Column("a", enum("sad", "ok"), server_default="ok")),
        ),
    ),
    default(36, "default bool false->true", sa.Boolean, "boolean", "false", "true"),
    one(37, "nullable -> NOT NULL, no nulls", "text", "text NOT NULL", STR, with_(STR, nullable=False)),
    one(
        38,
        "nullable -> NOT NULL, nulls present",
        "text",
        "text NOT NULL",
        STR,
        with_(STR, nullable=False),
        rows="INSERT INTO t VALUES (1, 'x'), (2, NULL)",
        fails='of relation "t" ',  # it contains null values, or up to 17 violates the check that says so
    ),
    one(39, "NOT NULL -> nullable", "text NOT NULL", "text", with_(STR, nullable=False), STR),
    Change(
        40,
        "add NOT NULL column, no default",
        t(),
        t("a text NOT NULL"),
        (T, lambda m: T(m, Column("a", STR, nullable=False))),
        expect={"fails": "contains null values"},
    ),
    Change(
        41,
        "add NOT NULL column, python default",
        t(),
        t("a text NOT NULL"),
        (T, lambda m: T(m, Column("a", STR, nullable=False, default="x"))),
        expect={"fails": "contains null values"},
    ),
    Change(
        42,
        "add NOT NULL column, server default",
        t(),
        t("a text NOT NULL DEFAULT 'x'"),
        (T, lambda m: T(m, Column("a", STR, nullable=False, server_default="x"))),
        expect={"after": "DO $$ BEGIN ASSERT (SELECT count(*) FROM t WHERE a = 'x') = 3; END $$"},
    ),
    Change(43, "drop column", t("a text"), t(), (lambda m: T(m, Column("a", STR)), T)),
    Change(
        44,
        "column order change",
        t("a text", "b integer"),
        t("b integer", "a text"),
        (lambda m: T(m, Column("a", STR), Column("b", INT)), lambda m: T(m, Column("b", INT), Column("a", STR))),
        expect={"unchanged": True},
    ),
    typed(45, "varchar(50)", "varchar(100)", sa.String(50), sa.String(100), hazards=[]),
    typed(
        46,
        "varchar(100)",
        "varchar(50)",
        sa.String(100),
        sa.String(50),
        rows="INSERT INTO t VALUES (1, repeat('x', 80))",
        fails="value too long",
    ),
    typed(47, "varchar(100)", "varchar(50)", sa.String(100), sa.String(50)),
    typed(48, "varchar(50)", "text", sa.String(50), STR, hazards=[]),
    typed(49, "text", "varchar(50)", STR, sa.String(50)),
    typed(50, "varchar(50)", "varchar", sa.String(50), sa.String, hazards=[]),
    typed(51, "varchar", "varchar(50)", sa.String, sa.String(50)),
    typed(52, "timestamp", "timestamptz", sa.DateTime, sa.DateTime(timezone=True)),
    typed(53, "timestamptz", "timestamp", sa.DateTime(timezone=True), sa.DateTime),
    typed(54, "timestamp", "timestamp(0)", sa.DateTime, pg.TIMESTAMP(precision=0), told=["fits timestamp(0)"]),
    typed(
        55,
        "timestamptz(3)",
        "timestamptz(6)",
        pg.TIMESTAMP(timezone=True, precision=3),
        pg.TIMESTAMP(timezone=True, precision=6),
    ),
    typed(56, "numeric(10,2)", "numeric(12,2)", sa.Numeric(10, 2), sa.Numeric(12, 2)),
    typed(57, "numeric(12,2)", "numeric(12,4)", sa.Numeric(12, 2), sa.Numeric(12, 4)),
    typed(
        58,
        "numeric(12,4)",
        "numeric(12,2)",
        sa.Numeric(12, 4),
        sa.Numeric(12, 2),
        rows="INSERT INTO t VALUES (1, 1.5), (2, 1.2345)",
        told=["fits numeric(12,2)"],
    ),
    typed(59, "numeric(12,2)", "numeric", sa.Numeric(12, 2), sa.Numeric),
    typed(60, "numeric", "numeric(12,2)", sa.Numeric, sa.Numeric(12, 2)),
    typed(61, "numeric(12)", "numeric(12,2)", sa.Numeric(12), sa.Numeric(12, 2)),
    typed(62, "integer", "bigint", INT, sa.BigInteger),
    typed(
        63,
        "bigint",
        "integer",
        sa.BigInteger,
        INT,
        rows="INSERT INTO t VALUES (1, 5000000000)",
        fails="integer out of range",
    ),
    typed(64, "integer", "text", INT, STR),
    typed(65, "text", "integer", STR, INT, rows="INSERT INTO t VALUES (1, '12'), (2, NULL)"),
    typed(66, "text", "uuid", STR, sa.Uuid, rows="INSERT INTO t VALUES (1, '4d2b9a3e-0000-4000-8000-000000000000')"),
    typed(67, "json", "jsonb", sa.JSON, pg.JSONB),
    typed(68, "text", "jsonb", STR, pg.JSONB, rows="INSERT INTO t VALUES (1, '{\"a\": 1}')"),
    typed(69, "text", "text[]", STR, pg.ARRAY(STR), rows="INSERT INTO t VALUES (1, '{a,b}')"),
    typed(70, "varchar[]", "text[]", pg.ARRAY(sa.String), pg.ARRAY(STR)),
    typed(71, "integer", "boolean", INT, sa.Boolean),
    typed(72, "real", "double precision", sa.REAL, sa.DOUBLE_PRECISION),
    typed(73, "text", 'text COLLATE "C"', STR, sa.Text(collation="C")),
    typed(74, "interval", "interval(0)", pg.INTERVAL, pg.INTERVAL(precision=0)),
    typed(75, "time", "timetz", sa.Time, sa.Time(timezone=True)),
    typed(76, "bytea", "text", sa.LargeBinary, STR),
    typed(77, "varchar", "inet", sa.String, pg.INET, rows="INSERT INTO t VALUES (1, '10.0.0.1')"),
    typed(
        78,
        "int4range",
        "int8range",
        pg.INT4RANGE,
        pg.INT8RANGE,
        after="DO $$ BEGIN ASSERT (SELECT count(a) FROM t) = 3; END $$",
    ),
    typed(79, "char(2)", "char(3)", sa.CHAR(2), sa.CHAR(3)),
    typed(
        80, "bit(3)", "bit(4)", pg.BIT(3), pg.BIT(4), rows="INSERT INTO t VALUES (1, B'101')", fails="bit string length"
    ),
    Change(
        81,
        "index",
        t("a text"),
        t("a text") + "CREATE INDEX i ON t (lower(a) text_pattern_ops DESC) INCLUDE (id) WHERE a <> '';",
        (
            lambda m: T(m, Column("a", STR)),
            lambda m: T(
                m,
                Column("a", STR),
                Index(
                    "i",
                    text("lower(a) text_pattern_ops DESC"),
                    postgresql_include=["id"],
                    postgresql_where=text("a <> ''"),
                ),
            ),
        ),
    ),
    Change(
        82,
        "FK",
        t(name="u") + t("a integer"),
        t(name="u") + t("a integer CONSTRAINT fk REFERENCES u ON DELETE CASCADE"),
        (
            lambda m: (T(m, name="u"), T(m, Column("a", INT))),
            lambda m: (T(m, name="u"), T(m, Column("a", INT, ForeignKey("u.id", name="fk", ondelete="CASCADE")))),
        ),
    ),
    Change(
        83,
        "PK columns change",
        "CREATE TABLE t (id integer NOT NULL, a integer NOT NULL, CONSTRAINT t_pkey PRIMARY KEY (id));",
        "CREATE TABLE t (id integer NOT NULL, a integer NOT NULL, CONSTRAINT t_pkey PRIMARY KEY (id, a));",
        (
            lambda m: T(m, Column("a", INT, nullable=False)),
            lambda m: T(m, Column("a", INT, primary_key=True, autoincrement=False)),
        ),
    ),
    Change(
        84,
        "PK name change",
        "CREATE TABLE t (id integer CONSTRAINT t_pkey PRIMARY KEY);",
        "CREATE TABLE t (id integer CONSTRAINT pk_t PRIMARY KEY);",
        (
            T,
            lambda m: Table("t", m, Column("id", INT, autoincrement=False), sa.PrimaryKeyConstraint("id", name="pk_t")),
        ),
        expect={"has": ["RENAME CONSTRAINT"], "hasnt": ["DROP"]},
    ),
    one(
        85,
        "comment column set",
        "text",
        "text); COMMENT ON COLUMN t.a IS 'it''s'; SELECT (1",
        STR,
        with_(STR, comment="it's"),
    ),
    Change(
        86,
        "comment column change",
        t("a text") + "COMMENT ON COLUMN t.a IS 'one';",
        t("a text") + "COMMENT ON COLUMN t.a IS 'two';",
        (lambda m: T(m, Column("a", STR, comment="one")), lambda m: T(m, Column("a", STR, comment="two"))),
    ),
    Change(
        87,
        "comment table set",
        t(),
        t() + "COMMENT ON TABLE t IS '50% :x \\ ';",
        (T, lambda m: T(m, comment="50% :x \\ ")),
    ),
    Change(
        88,
        "comment table drop",
        t() + "COMMENT ON TABLE t IS 'one';",
        t(),
        (lambda m: T(m, comment="one"), T),
    ),
    Change(
        89,
        "comment on constraint",
        t("a integer, CONSTRAINT c CHECK (a > 0)"),
        t("a integer, CONSTRAINT c CHECK (a > 0)") + "COMMENT ON CONSTRAINT c ON t IS 'more than none';",
        (
            lambda m: T(m, Column("a", INT), CheckConstraint("a > 0", name="c")),
            lambda m: T(m, Column("a", INT), CheckConstraint("a > 0", name="c", comment="more than none")),
        ),
    ),
    Change(
        90,
        "identity: serial -> identity",
        "CREATE TABLE t (id serial PRIMARY KEY, a text);",
        "CREATE TABLE t (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, a text);",
        (
            lambda m: Table("t", m, Column("id", INT, primary_key=True), Column("a", STR)),
            lambda m: Table("t", m, Column("id", INT, Identity(), primary_key=True), Column("a", STR)),
        ),
        expect={"after": "INSERT INTO t (a) VALUES ('x'); DO $$ BEGIN ASSERT (SELECT max(id) FROM t) = 4; END $$"},
    ),
    Change(
        91,
        "identity: by default -> always",
        t("a integer GENERATED BY DEFAULT AS IDENTITY"),
        t("a integer GENERATED ALWAYS AS IDENTITY"),
        (lambda m: T(m, Column("a", INT, Identity())), lambda m: T(m, Column("a", INT, Identity(always=True)))),
    ),
    Change(
        92,
        "identity: start/increment change",
        t("a integer GENERATED BY DEFAULT AS IDENTITY"),
        t("a integer GENERATED BY DEFAULT AS IDENTITY (START 100 INCREMENT 5)"),
        (
            lambda m: T(m, Column("a", INT, Identity())),
            lambda m: T(m, Column("a", INT, Identity(start=100, increment=5))),
        ),
    ),
    Change(
        93,
        "identity: drop",
        t("a integer GENERATED BY DEFAULT AS IDENTITY"),
        t("a integer NOT NULL"),
        (lambda m: T(m, Column("a", INT, Identity())), lambda m: T(m, Column("a", INT, nullable=False))),
    ),
    Change(
        94,
        "identity: plain int -> identity, rows",
        t("a integer NOT NULL"),
        t("a integer GENERATED BY DEFAULT AS IDENTITY"),
        (lambda m: T(m, Column("a", INT, nullable=False)), lambda m: T(m, Column("a", INT, Identity()))),
        expect={"after": "INSERT INTO t (id) VALUES (9); DO $$ BEGIN ASSERT (SELECT max(a) FROM t) = 4; END $$"},
    ),
    Change(
        95,
        "computed: add column",
        t("a integer"),
        t("a integer", "g integer GENERATED ALWAYS AS (a * 2) STORED"),
        (
            lambda m: T(m, Column("a", INT)),
            lambda m: T(m, Column("a", INT), Column("g", INT, Computed("a * 2", persisted=True))),
        ),
    ),
    Change(
        96,
        "computed: expression change",
        t("a integer", "g integer GENERATED ALWAYS AS (a * 2) STORED"),
        t("a integer", "g integer GENERATED ALWAYS AS (a * 3) STORED"),
        (
            lambda m: T(m, Column("a", INT), Column("g", INT, Computed("a * 2", persisted=True))),
            lambda m: T(m, Column("a", INT), Column("g", INT, Computed("a * 3", persisted=True))),
        ),
        expect={"after": "DO $$ BEGIN ASSERT (SELECT count(*) FROM t WHERE g = a * 3) = 3; END $$"},
    ),
    Change(
        97,
        "computed: drop expression",
        t("a integer", "g integer GENERATED ALWAYS AS (a * 2) STORED"),
        t("a integer", "g integer"),
        (
            lambda m: T(m, Column("a", INT), Column("g", INT, Computed("a * 2", persisted=True))),
            lambda m: T(m, Column("a", INT), Column("g", INT)),
        ),
        expect={"after": "DO $$ BEGIN ASSERT (SELECT count(*) FROM t WHERE g = a * 2) = 3; END $$"},
    ),
    Change(
        98,
        "computed: plain -> computed",
        t("a integer", "g integer"),
        t("a integer", "g integer GENERATED ALWAYS AS (a * 2) STORED"),
        (
            lambda m: T(m, Column("a", INT), Column("g", INT)),
            lambda m: T(m, Column("a", INT), Column("g", INT, Computed("a * 2", persisted=True))),
        ),
        expect={"hazards": ["DELETES_DATA", "TABLE_REWRITE"]},
    ),
    Change(
        99,
        "computed: stored -> virtual (PG18)",
        t("a integer", "g integer GENERATED ALWAYS AS (a * 2) STORED"),
        t("a integer", "g integer GENERATED ALWAYS AS (a * 2) VIRTUAL"),
        (
            lambda m: T(m, Column("a", INT), Column("g", INT, Computed("a * 2", persisted=True))),
            lambda m: T(m, Column("a", INT), Column("g", INT, Computed("a * 2", persisted=False))),
        ),
        expect={"majors": [18]},
    ),
    Change(
        100,
        "exclusion add",
        t("a int4range"),
        t("a int4range, CONSTRAINT x EXCLUDE USING gist (a WITH &&)"),
        (
            lambda m: T(m, Column("a", pg.INT4RANGE)),
            lambda m: T(m, Column("a", pg.INT4RANGE), pg.ExcludeConstraint(("a", "&&"), name="x")),
        ),
    ),
    Change(
        101,
        "exclusion drop",
        t("a int4range, CONSTRAINT x EXCLUDE USING gist (a WITH &&)"),
        t("a int4range"),
        (
            lambda m: T(m, Column("a", pg.INT4RANGE), pg.ExcludeConstraint(("a", "&&"), name="x")),
            lambda m: T(m, Column("a", pg.INT4RANGE)),
        ),
    ),
    Change(
        102,
        "exclusion operator change",
        t("a int4range, CONSTRAINT x EXCLUDE USING gist (a WITH &&)"),
        t("a int4range, CONSTRAINT x EXCLUDE USING gist (a WITH =)"),
        (
            lambda m: T(m, Column("a", pg.INT4RANGE), pg.ExcludeConstraint(("a", "&&"), name="x")),
            lambda m: T(m, Column("a", pg.INT4RANGE), pg.ExcludeConstraint(("a", "="), name="x")),
        ),
    ),
    Change(
        103,
        "partition: plain -> partitioned",
        t("a text"),
        "CREATE TABLE t (id integer PRIMARY KEY, a text) PARTITION BY RANGE (id);",
        (lambda m: T(m, Column("a", STR)), lambda m: T(m, Column("a", STR), postgresql_partition_by="RANGE (id)")),
        expect={"refused": "cannot make table public.t partitioned"},
    ),
    Change(
        104,
        "partition: children exist in DB only",
        "CREATE TABLE t (id integer PRIMARY KEY, a text) PARTITION BY RANGE (id);",
        "CREATE TABLE t (id integer PRIMARY KEY, a text, b text) PARTITION BY RANGE (id);",
        (
            lambda m: T(m, Column("a", STR), postgresql_partition_by="RANGE (id)"),
            lambda m: T(m, Column("a", STR), Column("b", STR), postgresql_partition_by="RANGE (id)"),
        ),
        only="CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (100);",
    ),
    Change(
        105,
        "partition: key change",
        "CREATE TABLE t (id integer, a integer) PARTITION BY RANGE (id);",
        "CREATE TABLE t (id integer, a integer) PARTITION BY RANGE (a);",
        (
            lambda m: Table("t", m, Column("id", INT), Column("a", INT), postgresql_partition_by="RANGE (id)"),
            lambda m: Table("t", m, Column("id", INT), Column("a", INT), postgresql_partition_by="RANGE (a)"),
        ),
        expect={"refused": "cannot make table public.t partitioned in another way"},
    ),
    Change(
        106,
        "view in DB, column type change under it",
        t("a integer"),
        t("a bigint"),
        (lambda m: T(m, Column("a", INT)), lambda m: T(m, Column("a", sa.BigInteger))),
        only="CREATE VIEW v AS SELECT a FROM t;",
    ),
    Change(
        107,
        "view in DB only",
        t("a integer"),
        t("a integer"),
        (lambda m: T(m, Column("a", INT)), lambda m: T(m, Column("a", INT))),
        only="CREATE VIEW v AS SELECT a FROM t;",
        expect={"unchanged": True},
    ),
    Change(
        108,
        "view: added in metadata (SA 2.1 CreateView)",
        t("a integer"),
        t("a integer") + "CREATE VIEW v AS SELECT t.a FROM t;",
        (lambda m: T(m, Column("a", INT)), lambda m: view(m, "a")),
    ),
    Change(
        109,
        "view: changed in metadata",
        t("a integer", "b integer") + "CREATE VIEW v AS SELECT t.a FROM t;",
        t("a integer", "b integer") + "CREATE VIEW v AS SELECT t.b FROM t;",
        (lambda m: view(m, "a", "b"), lambda m: view(m, "b", "a")),
    ),
    Change(
        110,
        "view: removed from metadata",
        t("a integer") + "CREATE VIEW v AS SELECT t.a FROM t;",
        t("a integer"),
        (lambda m: view(m, "a"), lambda m: T(m, Column("a", INT))),
    ),
    Change(
        111,
        "trigger/function: in DB only",
        t("a integer"),
        t("a bigint"),
        (lambda m: T(m, Column("a", INT)), lambda m: T(m, Column("a", sa.BigInteger))),
        only=(
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
            " CREATE TRIGGER tr BEFORE UPDATE OF a ON t FOR EACH ROW WHEN (NEW.a > 5) EXECUTE FUNCTION f();"
        ),
    ),
    Change(112, "sequence add", t(), t() + "CREATE SEQUENCE s;", (T, lambda m: (T(m), sequence(m)))),
    Change(
        113,
        "sequence change increment",
        t() + "CREATE SEQUENCE s;",
        t() + "CREATE SEQUENCE s INCREMENT 5;",
        (lambda m: (T(m), sequence(m)), lambda m: (T(m), sequence(m, increment=5))),
        expect={"hasnt": ["DROP"]},
    ),
    Change(114, "sequence drop", t() + "CREATE SEQUENCE s;", t(), (lambda m: (T(m), sequence(m)), T)),
    Change(
        115,
        "sequence: default nextval on new col",
        t(),
        t() + "CREATE SEQUENCE s; ALTER TABLE t ADD a integer DEFAULT nextval('s');",
        (
            T,
            lambda m: T(m, Column("a", INT, s := sa.Sequence("s", metadata=m), server_default=s.next_value())),
        ),
    ),
    Change(
        116,
        "extension: model needs citext",
        t("a text"),
        "CREATE EXTENSION citext;" + t("a citext"),
        (lambda m: T(m, Column("a", STR)), lambda m: (extension(m), T(m, Column("a", pg.CITEXT)))),
    ),
    Change(
        117,
        "RLS enabled + policy in target",
        t("a integer"),
        t("a integer") + "ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (a > 1);",
        (lambda m: T(m, Column("a", INT)), lambda m: policy(T(m, Column("a", INT)))),
    ),
    Change(
        118,
        "RLS enabled in DB only",
        t("a integer"),
        t("a integer", "b integer"),
        (lambda m: T(m, Column("a", INT)), lambda m: T(m, Column("a", INT), Column("b", INT))),
        only="ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (a > 1);",
    ),
    Change(
        119,
        "schema: table in new schema",
        t(),
        t() + "CREATE SCHEMA s;" + t("a text", name="s.u"),
        (T, lambda m: (T(m), T(m, Column("a", STR), name="u", schema="s"))),
    ),
    Change(
        120,
        "schema: table in existing schema, unchanged",
        "CREATE SCHEMA s;" + t("a text", name="s.u"),
        "CREATE SCHEMA s;" + t("a text", name="s.u"),
        (
            lambda m: T(m, Column("a", STR), name="u", schema="s"),
            lambda m: T(m, Column("a", STR), name="u", schema="s"),
        ),
        expect={"unchanged": True},
    ),
    Change(
        121,
        "schema: table moved to schema",
        t("a text"),
        "CREATE SCHEMA s;" + t("a text", name="s.t"),
        (
            lambda m: T(m, Column("a", STR)),
            lambda m: T(m, Column("a", STR), schema="s", info={"renamed_from": "public.t"}),
        ),
        expect={
            "renames": {"public.t": "s.t"},
            "hasnt": ["DROP"],
            "after": "DO $$ BEGIN ASSERT (SELECT count(a) FROM s.t) = 3; END $$",
        },
    ),
    Change(
        122,
        "schema: enum in schema, new column",
        "CREATE SCHEMA s;" + t(name="s.t"),
        "CREATE SCHEMA s; CREATE TYPE s.mood AS ENUM ('sad', 'ok');" + t("a s.mood", name="s.t"),
        (
            lambda m: T(m, schema="s"),
            lambda m: T(m, Column("a", sa.Enum("sad", "ok", name="mood", schema="s")), schema="s"),
        ),
    ),
    Change(
        123,
        "schema: FK across schemas, unchanged",
        "CREATE SCHEMA s;" + t() + t("a integer CONSTRAINT fk REFERENCES t", name="s.u"),
        "CREATE SCHEMA s;" + t() + t("a integer CONSTRAINT fk REFERENCES public.t", name="s.u"),
        (
            lambda m: (T(m), T(m, Column("a", INT, ForeignKey("t.id", name="fk")), name="u", schema="s")),
            lambda m: (T(m), T(m, Column("a", INT, ForeignKey("t.id", name="fk")), name="u", schema="s")),
        ),
        expect={"unchanged": True},
    ),
    Change(
        124,
        "domain CHECK change",
        "CREATE DOMAIN d AS integer CONSTRAINT c CHECK (VALUE > 0);" + t("a d"),
        "CREATE DOMAIN d AS integer CONSTRAINT c CHECK (VALUE >= 0);" + t("a d"),
        (lambda m: T(m, Column("a", domain("VALUE > 0"))), lambda m: T(m, Column("a", domain("VALUE >= 0")))),
    ),
    Change(
        125,
        "domain: new on new column",
        t(),
        "CREATE DOMAIN d AS integer CONSTRAINT c CHECK (VALUE > 0);" + t("a d"),
        (T, lambda m: T(m, Column("a", domain("VALUE > 0")))),
    ),
    Change(
        126,
        "table storage param",
        t("a text"),
        "CREATE TABLE t (id integer PRIMARY KEY, a text) WITH (fillfactor = 70);",
        (lambda m: T(m, Column("a", STR)), lambda m: T(m, Column("a", STR), postgresql_with={"fillfactor": 70})),
    ),
    Change(
        127,
        "UNLOGGED prefix",
        t("a text"),
        t("a text").replace("TABLE", "UNLOGGED TABLE"),
        (lambda m: T(m, Column("a", STR)), lambda m: T(m, Column("a", STR), prefixes=["UNLOGGED"])),
    ),
    Change(
        128,
        "inherits",
        t("a text") + "CREATE TABLE c () INHERITS (t);",
        t("a text", "b date") + "CREATE TABLE c () INHERITS (t);",
        (
            lambda m: (T(m, Column("a", STR)), Table("c", m, postgresql_inherits="t")),
            lambda m: (T(m, Column("a", STR), Column("b", sa.Date)), Table("c", m, postgresql_inherits="t")),
        ),
    ),
    Change(
        129,
        "new circular FK pair",
        t("a integer") + t("b integer", name="u"),
        t("a integer")
        + t("b integer CONSTRAINT ub REFERENCES t", name="u")
        + "ALTER TABLE t ADD CONSTRAINT ta FOREIGN KEY (a) REFERENCES u (id);",
        (lambda m: pair(m, keys=False), lambda m: pair(m, keys=True)),
    ),
    Change(
        130,
        "drop circular FK pair",
        t("a integer")
        + t("b integer CONSTRAINT ub REFERENCES t", name="u")
        + "ALTER TABLE t ADD CONSTRAINT ta FOREIGN KEY (a) REFERENCES u (id);",
        "",
        (lambda m: pair(m, keys=True), lambda m: m),
    ),
    Change(
        131,
        "drop parent table with FK from kept table",
        t(name="u") + t("a integer CONSTRAINT fk REFERENCES u"),
        t("a integer"),
        (
            lambda m: (T(m, name="u"), T(m, Column("a", INT, ForeignKey("u.id", name="fk")))),
            lambda m: T(m, Column("a", INT)),
        ),
        expect={"undo_fails": 'violates foreign key constraint "fk"'},
    ),
    Change(
        132,
        "DB-only table",
        t("a integer"),
        t("a integer", "b text"),
        (lambda m: T(m, Column("a", INT)), lambda m: T(m, Column("a", INT), Column("b", STR))),
        only=t("x text", name="other"),
    ),
    Change(
        133,
        "NOT VALID check in DB, same name",
        t("a integer") + "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;",
        t("a integer, CONSTRAINT c CHECK (a > 0)"),
        (
            lambda m: not_valid(T(m, Column("a", INT))),
            lambda m: T(m, Column("a", INT), CheckConstraint("a > 0", name="c")),
        ),
        expect={"has": ["VALIDATE CONSTRAINT c"], "hasnt": ["DROP"]},
    ),
    Change(
        134,
        "temporal PK WITHOUT OVERLAPS (PG18) in DB only",
        t("a integer"),
        t("a bigint"),
        (lambda m: T(m, Column("a", INT)), lambda m: T(m, Column("a", sa.BigInteger))),
        only="CREATE EXTENSION btree_gist;"
        " CREATE TABLE o (id integer, r int4range, PRIMARY KEY (id, r WITHOUT OVERLAPS));",
        expect={"majors": [18]},
    ),
    Change(
        135,
        "reserved and mixed-case names, add",
        t(),
        t() + 'CREATE TABLE "Order" ("select" integer PRIMARY KEY, "a b" text, "B%c" text DEFAULT \'%\');'
        ' CREATE INDEX "I x" ON "Order" ("a b");',
        (
            T,
            lambda m: (
                T(m),
                Table(
                    "Order",
                    m,
                    Column("select", INT, primary_key=True, autoincrement=False),
                    Column("a b", STR),
                    Column("B%c", STR, server_default="%"),
                    Index("I x", "a b"),
                ),
            ),
        ),
    ),
)


def view(m: MetaData, column: str, *others: str) -> object:
    """Return the models of the table and of a view over its first column."""
    table = T(m, *(Column(each, INT) for each in sorted((column, *others))))
    return sa.CreateView(sa.select(table.c[column]), "v", metadata=m)


def sequence(m: MetaData, **more: Any) -> sa.Sequence:
    """Return the model of a sequence."""
    return sa.Sequence("s", metadata=m, **more)


def extension(m: MetaData) -> None:
    """Have create_all() make the extension first."""
    event.listen(m, "before_create", sa.DDL("CREATE EXTENSION IF NOT EXISTS citext"))


def not_valid(table: Table) -> Table:
    """Have create_all() add a check that is not valid yet: inside of CREATE TABLE there is none."""
    event.listen(table, "after_create", sa.DDL("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID"))
    return table


def policy(table: Table) -> Table:
    """Have create_all() enable row security, and make a policy."""
    event.listen(table, "after_create", sa.DDL("ALTER TABLE t ENABLE ROW LEVEL SECURITY"))
    event.listen(table, "after_create", sa.DDL("CREATE POLICY p ON t USING (a > 1)"))
    return table


def domain(check: str) -> Any:
    """Return the type of a domain."""
    return pg.DOMAIN("d", INT, constraint_name="c", check=check)


def pair(m: MetaData, *, keys: bool) -> object:
    """Return the models of two tables, which refer to each other if there are keys."""
    there = [ForeignKey("u.id", name="ta", use_alter=True)] if keys else []
    back = [ForeignKey("t.id", name="ub")] if keys else []
    return T(m, Column("a", INT, *there)), T(m, Column("b", INT, *back), name="u")
