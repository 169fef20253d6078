"""Backfills in a project: proved, foreseen, told as they run, for tenants, and put together with others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import psycopg
import pytest

from mizzle.planning.steps import Backfill, Condition, Statement, Step
from mizzle.planning.tenants import unqualified
from mizzle.runner import events, preflight
from mizzle.runner.migrate import migrate
from projects import Project, execute, project
from runner_units import rows, run, unit

if TYPE_CHECKING:
    from pathlib import Path

_ID = "20260105000000_fill"
MODELS = ("CREATE TABLE people (id integer PRIMARY KEY, name text NOT NULL, full_name text)",)
FILLED = "INSERT INTO {}people SELECT g, 'p' || g FROM generate_series(1, 3000) AS g"
FILL = (
    "-- step 1: backfill {schema}people by id; batch 700; "
    "done when query SELECT NOT EXISTS (SELECT FROM {schema}people WHERE full_name IS NULL)\n"
    "UPDATE {schema}people SET full_name = name WHERE full_name IS NULL;\n"
)
NOTHING = "-- Nothing to undo.\n"


def shop_of(folder: Path, schema: str, *settings: str) -> Project:
    made = project(folder / "shop", *MODELS, settings=settings)
    made.run("generate", "first")
    made.run("generate", "--custom", "fill")
    made.write(made.ids()[-1], up=FILL.format(schema=schema), down=NOTHING)
    return made


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return shop_of(tmp_path, "public.")


def test_a_hand_written_one_is_proved_foreseen_and_run(shop: Project, any_database: str) -> None:
    url = ("--url", any_database)
    assert shop.run("rebase").says("proved")
    shop.run("check")
    shop.run(*url, "migrate", "--to", shop.ids()[0])
    execute(any_database, FILLED.format("public."))
    execute(any_database, "ANALYZE public.people")
    seen = shop.run(*url, "migrate", "--dry-run")
    assert seen.says("step 1 of 1, in batches", "ROW EXCLUSIVE on public.people (", "about 3,000 rows)", "about 100 ms")
    (plan,) = shop.run(*url, "--json", "migrate", "--dry-run").json["plan"]
    (step,) = plan["steps"]
    assert step["backfill"] == {"table": "public.people", "key": ["id"], "batch": 700, "pause": None}
    assert (step["transaction"], step["seconds"]) == (False, 0.1)
    ran = shop.run(*url, "migrate", "--log", "json")
    lines = [json.loads(line) for line in ran.err.splitlines()]
    (begun,) = [line for line in lines if line["event"] == "step_started"]
    assert (begun["backfill"], begun["transaction"]) == (True, False)
    last = [line for line in lines if line["event"] == "progressed"][-1]
    assert (last["phase"], last["rows"], last["about"], last["done"]) == ("backfill", 3000, 3000, 1.0)
    assert last["message"].endswith("step 1: backfill, 3,000 of about 3,000 rows, 100%")
    assert execute(any_database, "SELECT count(*) FROM public.people WHERE full_name = name") == [(3000,)]


def test_how_far_it_is_is_told_where_nobody_knows_how_many_rows_there_are(database: str) -> None:
    run(database, *(each.replace("people", "public.people") for each in MODELS), FILLED.format("public."))
    told: list[events.Event] = []
    migrate(database, [unit(_ID, FILL.format(schema="public."))], on_event=told.append)
    said = [str(event.progress) for event in told if isinstance(event, events.Progressed)]
    assert said[-1] == "backfill, 3,000 rows"


WRONG = [
    ("UPDATE public.people SET nothing = 1;", "by id", ('column "nothing" of relation "people" does not exist',)),
    (
        "UPDATE public.people SET full_name = 1;",
        "by name",
        ("(name) is no unique key of table public.people in this order without NULL: (id)",),
    ),
    (
        "UPDATE public.people SET full_name = id WHERE id;",
        "by id",
        ("fill/up.sql:2: argument of AND must be type boolean",),
    ),
]


@pytest.mark.parametrize(("sql", "key", "said"), WRONG)
def test_one_that_cannot_run_is_not_proved(shop: Project, sql: str, key: str, said: tuple[str, ...]) -> None:
    shop.write(shop.ids()[-1], up=f"-- step 1: backfill public.people {key}\n{sql}\n", down=NOTHING)
    assert shop.run("rebase", code=None).says(*said)


def test_each_tenant_has_its_own(tmp_path: Path, any_database: str) -> None:
    shop = shop_of(tmp_path, "", "per_schema = true")
    shop.run("rebase")
    url = ("--url", any_database)
    for tenant in ("one", "Two"):
        execute(any_database, f'CREATE SCHEMA "{tenant}"')
        shop.run(*url, "migrate", "--tenant", tenant, "--to", shop.ids()[0])
        execute(any_database, FILLED.format(f'"{tenant}".'))
    assert shop.run(*url, "migrate", "--tenant", "Two", "--dry-run").says('ROW EXCLUSIVE on "Two".people')
    shop.run(*url, "migrate", "--tenant", "Two")
    assert execute(any_database, "SELECT count(full_name) FROM one.people") == [(0,)]
    assert execute(any_database, 'SELECT count(full_name) FROM "Two".people') == [(3000,)]


def test_for_tenants_its_table_has_no_schema() -> None:
    sql = "UPDATE public.people SET n = 1"
    step = Step(
        sql,
        transaction=False,
        done_when=Condition("query", ("SELECT min(n) = 1 FROM public.people",), "holds"),
        backfill=Backfill(("public", "people"), ("id",), 100),
        statements=(Statement(sql),),
    )
    (found,) = unqualified([step], "public")
    assert found.sql == "UPDATE people SET n = 1"
    assert found.backfill == Backfill(("", "people"), ("id",), 100)


def test_squashed_it_is_left_out(shop: Project) -> None:
    shop.run("rebase")
    shop.run("squash")
    (only,) = shop.ids()
    assert "backfill" not in (shop.migrations / only / "up.sql").read_text(encoding="utf-8")


def test_a_rollback_may_be_one(shop: Project, any_database: str) -> None:
    down = "-- step 1: backfill public.people by id\nUPDATE public.people SET full_name = NULL;\n"
    shop.write(shop.ids()[-1], up=FILL.format(schema="public."), down=down)
    shop.run("rebase")
    url = ("--url", any_database)
    shop.run(*url, "migrate", "--to", shop.ids()[0])
    execute(any_database, FILLED.format("public."))
    shop.run(*url, "migrate")
    execute(any_database, "ALTER TABLE public.people ADD CHECK (id <> 2000 OR full_name IS NOT NULL)")
    accept = "--accept-data-loss", shop.ids()[-1]
    shop.run(*url, "rollback", *accept, code=4).says("violates check constraint")
    execute(any_database, "ALTER TABLE public.people DROP CONSTRAINT people_check")
    shop.run(*url, "rollback", *accept).says("reverted")
    assert execute(any_database, "SELECT count(full_name) FROM public.people") == [(0,)]
    shop.run(*url, "migrate")
    assert execute(any_database, "SELECT count(full_name) FROM public.people") == [(3000,)]


def test_an_empty_migration_names_the_form(shop: Project) -> None:
    shop.run("rebase")
    shop.run("generate", "--custom", "more")
    text = (shop.migrations / shop.ids()[-1] / "up.sql").read_text(encoding="utf-8")
    assert "--   -- step 3: backfill public.orders by id" in text


def test_a_transaction_that_only_reads_is_not_in_its_way(any_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "LONG", 0.0)
    run(any_database, *(each.replace("people", "public.people") for each in MODELS))
    told: list[events.Event] = []
    with psycopg.connect(any_database) as connection:
        connection.execute("SELECT * FROM public.people")
        migrate(any_database, [unit(_ID, FILL.format(schema="public."))], dry_run=True, on_event=told.append)
        assert told == []
        connection.execute("LOCK TABLE public.people IN SHARE MODE")
        migrate(any_database, [unit(_ID, FILL.format(schema="public."))], dry_run=True, on_event=told.append)
    (foreseen,) = told
    assert isinstance(foreseen, events.Foreseen)
    assert foreseen.reason == "it holds SHARE on public.people"
    assert rows(any_database, "SELECT to_regclass('mizzle.history')") == [(None,)]
