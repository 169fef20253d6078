"""What `--log json` prints, and what the logger `mizzle` is told: each event with its fields, never a password."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any, get_args

import psycopg
import pytest

from mizzle.errors import DatabaseError, LockedError
from mizzle.planning.steps import Backfill, Step
from mizzle.project.database import migrate
from mizzle.runner import events
from mizzle.runner.activity import Holder, Progress
from mizzle.runner.events import Event
from mizzle.runner.log import failure, fields, name
from projects import Project, Ran, execute, project, two_migrations
from servers import PASSWORD, database_name, locked_url

USERS = "CREATE TABLE users (id integer PRIMARY KEY)"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return two_migrations(tmp_path_factory.mktemp("log"))


def lines(ran: Ran) -> list[dict[str, Any]]:
    """What was printed to stderr: each line an object that says when, how grave and what."""
    found = [json.loads(line) for line in ran.err.splitlines()]
    for each in found:
        assert list(each)[:4] == ["time", "level", "event", "message"]
        assert TIME.fullmatch(each["time"])
        assert each["level"] in {"info", "warning", "error"}
    return found


def test_each_event_is_one_line_of_json_and_stdout_stays_as_it_is(shop: Project, database: str) -> None:
    first, second = shop.ids()
    ran = shop.run("migrate", "--log", "json", "--url", database)
    assert re.fullmatch(rf"applied  {first}  \S+ s\napplied  {second}  \S+ s\n", ran.out)
    told = lines(ran)
    once = ["started", "step_started", "step_done", "applied"]
    assert [each["event"] for each in told] == [*once, *once, "finished"]
    assert {(each["command"], each["schema"], each["level"]) for each in told} == {("migrate", "mizzle", "info")}
    assert all(each["database"].startswith("postgresql://postgres@") and each["version"] for each in told)
    assert [each.get("migration") for each in told] == [first] * 4 + [second] * 4 + [None]
    assert (told[1]["step"], told[1]["of"], told[2]["seconds"] >= 0, told[-1]["migrations"]) == (1, 1, True, 2)
    ran = shop.run("migrate", "--log=json", "--json", "--url", database)
    assert ran.json == {"applied": [], "pending": [], "waits": []}
    assert [(each["event"], each["migrations"]) for each in lines(ran)] == [("finished", 0)]
    ran = shop.run("rollback", "--log", "json", "--url", database)
    assert [each["event"] for each in lines(ran)] == ["started", "step_started", "step_done", "reverted", "finished"]
    assert shop.run("migrate", "--url", database).err == ""
    assert logging.getLogger("mizzle").level == logging.NOTSET
    assert [type(each) for each in logging.getLogger("mizzle").handlers] == [logging.NullHandler]


def test_an_error_is_one_line_that_says_where_it_was(shop: Project, database: str) -> None:
    first, second = shop.ids()
    execute(database, "CREATE TABLE users (id integer PRIMARY KEY, name text)")
    for more in ([], ["-q"], ["--json"]):
        ran = shop.run("migrate", "--log", "json", "--url", database, *more, code=4)
        (failed,) = (each for each in lines(ran) if each["level"] == "error")
        assert (failed["event"], failed["kind"], failed["sqlstate"], failed["exit"]) == (
            "failed",
            "DatabaseError",
            "42P07",
            4,
        )
        assert (failed["migration"], failed["step"], failed["of"]) == (first, 1, 1)
        assert 'relation "users" already exists' in failed["message"]
        assert second not in ran.err
    assert len(lines(shop.run("migrate", "-q", "--log", "json", "--url", database, code=4))) == 1


@pytest.mark.parametrize(
    ("arguments", "kind", "code"),
    [
        (["migrate", "--log", "json"], "ConfigError", 2),
        (["migrate", "--log", "json", "--nope"], "ConfigError", 2),
        (["migrate", "--nope", "--log=json"], "ConfigError", 2),
        (["migrate", "--log", "json", "--url", "postgresql://u:s3cret@127.0.0.1:1/d"], "DatabaseError", 4),
        (["rollback", "--log", "json", "--url", "postgresql://u:s3cret@127.0.0.1:1/d"], "DatabaseError", 4),
        (["migrate", "--log", "json", "--url", "s3cret"], "ConfigError", 2),
    ],
)
def test_errors_before_anything_runs_are_lines_too(shop: Project, arguments: list[str], kind: str, code: int) -> None:
    ran = shop.run(*arguments, code=code)
    (failed,) = lines(ran)
    assert (failed["event"], failed["kind"], failed["exit"]) == ("failed", kind, code)
    assert failed["hint"]
    assert "s3cret" not in ran.err


def test_a_fleet_tells_of_each_target(tmp_path: Path, database: str) -> None:
    shop = project(tmp_path / "shop", USERS, settings=("per_schema = true",))
    shop.run("generate", "first")
    execute(database, "CREATE SCHEMA one; CREATE SCHEMA two; CREATE TABLE two.users ()")
    fleet = ("--fleet", "VALUES ('one'), ('two'), ('three')", "--stop", "100")
    told = lines(shop.run("migrate", *fleet, "--log", "json", "--url", database, code=4))
    assert {each["tenant"] for each in told if each["event"] == "applied"} == {"one"}
    failed = [(each["target"], each["tenant"], each["sqlstate"]) for each in told if each["event"] == "failed"]
    assert sorted(failed) == [("three", "three", "3F000"), ("two", "two", "42P07")]


def test_the_library_logs_records_that_say_the_same(
    shop: Project, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    first, _ = shop.ids()
    with caplog.at_level(logging.INFO, "mizzle"):
        migrate(database, shop.migrations)
    assert [vars(each)["event"] for each in caplog.records].count("applied") == 2
    done = next(each for each in caplog.records if vars(each)["event"] == "step_done")
    assert (done.levelno, done.name) == (logging.INFO, "mizzle")
    assert re.fullmatch(rf"{first}: step 1 of 1 done in \S+ s", done.getMessage())
    assert (vars(done)["migration"], vars(done)["step"], vars(done)["of"]) == (first, 1, 1)
    caplog.clear()
    migrate(database, shop.migrations)
    assert not caplog.records  # by default only what is grave is logged


def test_an_error_says_in_the_library_where_the_run_was(
    shop: Project, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    execute(database, "CREATE TABLE users ()")
    with pytest.raises(DatabaseError, match="already exists") as raised:
        migrate(database, shop.migrations)
    where = raised.value.where
    assert (where["migration"], where["step"], where["schema"]) == (shop.ids()[0], 1, "mizzle")
    (record,) = caplog.records
    assert (record.levelno, vars(record)["event"], vars(record)["step"]) == (logging.ERROR, "failed", 1)


def test_who_is_waited_for_is_told_and_no_password_is(
    shop: Project, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    migrate(database, shop.migrations, to=shop.ids()[0])
    with psycopg.connect(database) as other, caplog.at_level(logging.INFO, "mizzle"):
        pid = other.info.backend_pid
        other.execute("LOCK TABLE users; SELECT 'x' AS \"ALTER ROLE r PASSWORD 's3cret'\"")
        with pytest.raises(LockedError):
            migrate(database, shop.migrations, lock_timeout="300ms")
    records = [vars(each) for each in caplog.records]
    told = {each["event"]: each for each in records}
    assert {"blocked", "retrying", "failed"} <= set(told)
    assert all(told[event]["levelname"] == "WARNING" for event in ("blocked", "retrying"))
    (holder,) = told["blocked"]["holders"]
    assert (holder["pid"], holder["role"], holder["state"]) == (
        pid,
        "postgres",
        "idle in transaction",
    )
    assert "PASSWORD ***" in holder["query"]
    assert "s3cret" not in str(records)


def test_the_password_of_the_url_is_logged_nowhere(
    shop: Project, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    execute(
        database,
        "GRANT ALL ON DATABASE " + database_name(database) + " TO locked; GRANT ALL ON SCHEMA public TO locked",
    )
    with caplog.at_level(logging.INFO, "mizzle"):
        migrate(locked_url(database), shop.migrations)
    assert {vars(each)["database"].partition("@")[0] for each in caplog.records} == {"postgresql://locked"}
    assert PASSWORD not in str([vars(each) for each in caplog.records])


def test_the_page_names_each_event_and_each_field() -> None:
    page = (Path(__file__).parents[1] / "docs" / "log.md").read_text(encoding="utf-8")
    events, _, names = page.partition("## Fields")
    assert first_column(events) == [name(event) for event in EVERY] + ["finished", "failed", "note"]
    known = {"time", "level", "event", "message", "migrations", "target", "exit", *CONTEXT}
    assert set(first_column(names.partition("## ")[0])) == known.union(*map(fields, EVERY), failure(DatabaseError("")))


HOLDER = Holder(1, "psql", "app", "", "active", None, 0.5, "SELECT 1")
CONTEXT = {"command", "database", "schema", "tenant", "role", "version"}
EVERY: tuple[Event, ...] = (
    events.Waiting(HOLDER, Progress("building index", 0.5)),
    events.Foreseen("a", 1, HOLDER, "because"),
    events.Started("a", "up", 1, resumed=False),
    events.StepStarted("a", 1, 1, Step("UPDATE t SET a = 1", transaction=False, backfill=Backfill(("", "t"), ("id",)))),
    events.StepSkipped("a", 1, 1),
    events.Blocked("a", 1, (HOLDER,)),
    events.Progressed("a", 1, Progress("backfill", 0.5, 1000, 2000)),
    events.Retrying("a", 1, 1, 8, 0.1, (HOLDER,)),
    events.Repaired("a", 1, "dropped the index"),
    events.StepDone("a", 1, 1, 0.1),
    events.Applied("a", 0.1),
    events.Reverted("a", 0.1),
)


def test_no_event_is_missing_in_this_test() -> None:
    assert {type(each) for each in EVERY} == set(get_args(events.Event))


def first_column(text: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)
