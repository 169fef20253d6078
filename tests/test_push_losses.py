"""push and what is in the tables: nothing is lost that nobody named, whatever kind of change would lose it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mizzle.errors import DecisionNeeded
from mizzle.project.project import Project as Loaded
from mizzle.project.push import apply_push, plan_push
from projects import execute, project
from referee import schema_text
from servers import tcp_url

if TYPE_CHECKING:
    from pathlib import Path

    from servers import Server

PLACES = "VALUES (ROW('a', 'b'), NULL)"
KINDS = (  # before, its rows, after, what it loses
    ("a (v numeric(9,2))", "VALUES (1.5), (2)", "a (v numeric(9,0))", "rounds or cuts column public.a.v: 1 row"),
    (
        "b (v timestamp)",
        "VALUES ('2026-01-02'), ('2026-01-02 03:04')",
        "b (v date)",
        "rounds or cuts column public.b.v:",
    ),
    ("c (v text)", "VALUES ('n'), (repeat('n', 64))", "c (v name)", "rounds or cuts column public.c.v: 1 row"),
    ("d (v interval)", "VALUES ('1 day'), ('25 h')", "d (v interval day)", "rounds or cuts column public.d.v: 1 row"),
    ("e (v money_)", "VALUES (1.5)", "e (v money_)", "rounds or cuts column public.e.v: 1 row"),
    ("f (v size)", "VALUES (ROW(1.5, 2))", "f (v size)", "rounds or cuts column public.f.v: 1 row"),
    (
        "g (v place, w place[])",
        "VALUES (ROW('a', 'b'), NULL)",
        "g (v place, w place[])",
        "deletes attribute public.place.zip: 1",
    ),
    (
        "h (v int, w int)",
        "VALUES (1, 2)",
        "h (v int, w int GENERATED ALWAYS AS (v) STORED)",
        "deletes column public.h.w:",
    ),
    ("i (v text, w text)", "VALUES ('1', '1'), ('2', NULL)", "renamed (v text)", "deletes column public.i.w: 1 row"),
    ("j (v numeric(9,2))", "VALUES (1), (2)", "j (v numeric(9,0))", ""),
    ("k (v text, w text)", "VALUES ('1', NULL)", "k (v text)", ""),
)
TYPES = (
    "CREATE DOMAIN money_ AS numeric(9,2)",
    "CREATE TYPE size AS (w numeric(9,2), h integer)",
    "CREATE TYPE place AS (street text, zip text)",
)
NEW_TYPES = (
    "CREATE DOMAIN money_ AS numeric(9,0)",
    "CREATE TYPE size AS (w numeric(9,0), h integer)",
    "CREATE TYPE place AS (street text)",
)
UNFIT = (  # before, its rows, after, what is against it
    ("a (v text)", "VALUES ('abcd')", "a (v varchar(3))", "each value in column public.a.v fits character varying(3)"),
    ("b (v mood)", "VALUES ('sad')", "b (v mood)", "no row has 'sad' in column public.b.v"),
    ("c (v text)", "VALUES ('1'), ('1')", "c (v text UNIQUE)", "no two rows of table public.c have the same v"),
    ("d (v text)", "VALUES (NULL)", "d (v text NOT NULL)", "column public.d.v holds no NULL"),
    ("e (v int)", "VALUES (-1)", "e (v int CHECK (v > 0))", "each row of table public.e fulfils (v > 0)"),
    ("f (v text)", "VALUES ('x')", "f (v integer)", "each value in column public.f.v fits integer"),
)


def test_each_kind_of_loss_is_counted_and_needs_its_name(tmp_path: Path, database: str) -> None:
    made = project(tmp_path / "shop", *TYPES, *(f"CREATE TABLE {before}" for before, *_ in KINDS))
    made.run("--url", database, "push", "--yes")
    for before, rows, *_ in KINDS:
        execute(database, f"INSERT INTO {before.split()[0]} {rows}")
    made.schema(*NEW_TYPES, *(f"CREATE TABLE {after}" for _, _, after, _ in KINDS))
    asked = ("--url", database, "push", "--yes", "--rename", "public.i:renamed")
    ran = made.run(*asked, code=3)
    ran.says(*(loss for *_, loss in KINDS))
    assert "public.j" not in ran.err
    assert "public.k" not in ran.err
    flags = ran.err.partition("say so: ")[2].split()
    assert flags.count("--accept-data-loss") == sum(bool(loss) for *_, loss in KINDS)
    made.run(*asked, *flags[2:], code=3)
    assert execute(database, "SELECT sum(v) FROM a") == execute(database, "SELECT 3.5")
    made.run(*asked, *flags).says("pushed  ")
    assert execute(database, "SELECT v FROM renamed ORDER BY v") == [("1",), ("2",)]
    assert made.run("--url", database, "push").out == "no changes\n"


def test_rows_that_do_not_fit_are_told_all_at_once(tmp_path: Path, any_database: str) -> None:
    made = project(
        tmp_path / "shop",
        "CREATE TYPE mood AS ENUM ('glad', 'sad')",
        *(f"CREATE TABLE {before}" for before, *_ in UNFIT),
    )
    made.run("--url", any_database, "push", "--yes")
    for before, rows, *_ in UNFIT:
        execute(any_database, f"INSERT INTO {before.split()[0]} {rows}")
    made.schema("CREATE TYPE mood AS ENUM ('glad')", *(f"CREATE TABLE {after}" for _, _, after, _ in UNFIT))
    ran = made.run("--url", any_database, "push", "--yes", code=4)
    ran.says("the plan cannot run yet, and nothing of it has", *(sentence for *_, sentence in UNFIT))
    names = [flag for table in "abcdef" for flag in ("--accept-data-loss", f"public.{table}")]
    assert "TRUNCATE" not in made.run("--url", any_database, "push", "--yes", *names, code=4).out
    rows = " UNION ALL ".join(f"SELECT count(*) FROM {table}" for table in "abcdef")
    assert execute(any_database, f"SELECT sum(count) FROM ({rows}) AS counted") == [(7,)]


def test_rows_that_a_policy_hides_count_too(tmp_path: Path, pg18: Server, database: str) -> None:
    secured = ("ALTER TABLE t ENABLE ROW LEVEL SECURITY", "ALTER TABLE t FORCE ROW LEVEL SECURITY")
    made = project(tmp_path / "shop", "CREATE TABLE t (id integer, v text)", *secured)
    execute(database, "GRANT ALL ON SCHEMA public TO guest")
    guest = tcp_url(database, user="guest")
    made.run("--url", guest, "push", "--yes")
    execute(database, "INSERT INTO t VALUES (1, 'v')")
    made.schema("CREATE TABLE t (id integer)", *secured)
    before = schema_text(database, bin=pg18.bin)
    ran = made.run("--url", guest, "push", "--yes", code=4)
    ran.says("cannot count what would be deleted of column public.t.v", 'row-level security policy for table "t"')
    assert schema_text(database, bin=pg18.bin) == before


def test_what_is_written_while_push_asks_is_counted_too(tmp_path: Path, database: str) -> None:
    made = project(tmp_path / "shop", "CREATE TABLE t (id integer, v text)")
    made.run("--url", database, "push", "--yes")
    made.schema("CREATE TABLE t (id integer)")
    planned = plan_push(Loaded.load(made.folder), database)
    assert planned.losses == ()
    execute(database, "INSERT INTO t VALUES (1, 'written meanwhile')")
    with pytest.raises(DecisionNeeded, match=r"this push deletes data: column public\.t\.v \(1 row\)"):
        apply_push(database, planned)
    assert execute(database, "SELECT v FROM t") == [("written meanwhile",)]
