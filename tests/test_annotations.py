"""check --format: the findings where GitHub and GitLab show them, at the lines of the SQL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mizzle.cli import annotations
from mizzle.migrations.folder import load
from mizzle.project.check import Finding
from mizzle.project.config import Config
from projects import Project, execute, project

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Mizzle

OLD = ("CREATE TABLE people (id int PRIMARY KEY, age int)",)
UP = "-- step 1: transaction\nCREATE INDEX people_age_idx\n  ON public.people (age);\n"
DOWN = "-- step 1: transaction\nDROP INDEX public.people_age_idx;\n"


@pytest.fixture(autouse=True)
def _no_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A project in a folder of a repository, whose second migration was written by hand and builds an index."""
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    made = project(tmp_path / "repository" / "shop", *OLD)
    made.run("generate", "first")
    made.schema(*OLD, "CREATE INDEX people_age_idx ON people (age)")
    made.run("generate", "--custom", "second")
    made.write(made.ids()[1], up=UP, down=DOWN)
    made.run("rebase")
    return made


def properties(line: str) -> tuple[str, dict[str, str], str]:
    """Read a workflow command: what it is, its properties, its message."""
    _, head, message = line.split("::", 2)
    kind, _, listed = head.partition(" ")
    return kind, dict(each.split("=", 1) for each in listed.split(",")), message


def test_github_is_told_the_line_from_the_top_of_the_repository(shop: Project) -> None:
    ran = shop.run("check", "--format", "github", code=1)
    *passed, line = ran.out.splitlines()
    assert [each[:6] for each in passed] == ["ok    "] * 3
    kind, place, message = properties(line)
    assert kind == "error"
    assert place == {
        "file": f"shop/migrations/{shop.ids()[1]}/up.sql",
        "line": "2",
        "col": "1",
        "title": "mizzle%3A blocking-build",
    }
    assert message.startswith("builds public.people_age_idx: nobody writes public.people meanwhile%0Ahint: build it")


def test_the_runner_says_what_paths_are_relative_to(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(shop.folder))
    line = shop.run("check", "--format", "github", code=1).out.splitlines()[-1]
    assert properties(line)[1]["file"] == f"migrations/{shop.ids()[1]}/up.sql"


def test_gitlab_gets_a_report_and_the_log_the_text(shop: Project) -> None:
    ran = shop.run("check", "--format", "gitlab", code=1)
    (issue,) = json.loads(ran.out)
    assert len(issue.pop("fingerprint")) == 32
    assert issue == {
        "description": "builds public.people_age_idx: nobody writes public.people meanwhile",
        "check_name": "mizzle/blocking-build",
        "severity": "major",
        "location": {"path": f"shop/migrations/{shop.ids()[1]}/up.sql", "lines": {"begin": 2}},
    }
    assert "ok    2 migrations" in ran.err
    assert f"lint  {shop.ids()[1]}/up.sql:2:1: blocking-build" in ran.err


def test_gitlab_knows_a_finding_again_and_two_apart(tmp_path: Path) -> None:
    config = Config(tmp_path)
    twice = [Finding("lint", "said", file="1_a/up.sql", line=line) for line in (3, 9)]
    first, second = annotations.gitlab(config, twice)
    assert first["fingerprint"] != second["fingerprint"]
    (moved,) = annotations.gitlab(config, [Finding("lint", "said", file="1_a/up.sql", line=4)])
    assert moved["fingerprint"] == first["fingerprint"]


def test_nothing_found_is_an_empty_report(tmp_path: Path) -> None:
    made = project(tmp_path / "shop", *OLD)
    made.run("generate")
    assert made.run("check", "--format", "gitlab").out == "[]\n"
    assert "::" not in made.run("check", "--format", "github").out


def test_a_replay_that_fails_is_told_at_the_line_of_the_statement(shop: Project) -> None:
    first = shop.ids()[0]
    up = (shop.migrations / first / "up.sql").read_text(encoding="utf-8")
    (shop.migrations / first / "up.sql").write_text(up.replace("integer", "nonsense", 1), encoding="utf-8")
    recorded(shop, first)
    line = next(each for each in shop.run("check", "--format", "github", code=1).out.splitlines() if "::" in each)
    kind, place, message = properties(line)
    at = next(number for number, each in enumerate(up.splitlines(), 1) if "integer" in each)
    assert (kind, place["title"], place["line"]) == ("error", "mizzle%3A replay", str(at))
    assert place["file"].endswith(f"{first}/up.sql")
    assert "nonsense" in message
    (found,) = shop.run("check", "--json", code=1).json["findings"]
    assert (found["file"], found["line"]) == (f"{first}/up.sql", at)


def recorded(shop: Project, migration: str) -> None:
    """Record a file that was edited as if it had been proved."""
    found = next(each for each in load(shop.migrations).migrations if each.id == migration)
    snapshot = shop.migrations / migration / "snapshot.json"
    text = snapshot.read_text(encoding="utf-8")
    assert text.count(found.recorded_up) == 1
    snapshot.write_text(text.replace(found.recorded_up, found.up_checksum), encoding="utf-8")


def test_a_fork_is_told_in_the_newest_migration(tmp_path: Path) -> None:
    made = project(tmp_path / "shop", *OLD)
    (tmp_path / ".git").mkdir()
    made.run("generate", "first")
    made.schema("CREATE TABLE people (id int PRIMARY KEY, age int, name text)")
    made.run("generate", "second")
    kept = tmp_path / "kept"
    (made.migrations / made.ids()[1]).rename(kept)
    made.schema("CREATE TABLE people (id int PRIMARY KEY, age int, mail text)")
    made.run("generate", "third")
    third = made.ids()[1]
    kept.rename(made.migrations / json.loads((kept / "snapshot.json").read_text(encoding="utf-8"))["id"])
    (line,) = made.run("check", "--format", "github", code=1).out.splitlines()
    kind, place, message = properties(line)
    assert (kind, place["title"], place["line"]) == ("error", "mizzle%3A fork", "1")
    assert place["file"] == f"shop/migrations/{max(made.ids())}/up.sql"
    assert third in message


def test_a_drift_is_told_at_the_statements_that_made_what_differs(tmp_path: Path, database: str) -> None:
    made = project(tmp_path / "shop", *OLD)
    (tmp_path / ".git").mkdir()
    made.run("generate")
    made.run("--url", database, "migrate")
    execute(database, 'CREATE TABLE "50%, by hand" (); ALTER TABLE people ALTER age SET NOT NULL, ADD extra int')
    out = made.run("--url", database, "check", "--format", "github", code=1).out
    whole, table, column = [properties(each) for each in out.splitlines() if each.startswith("::")]
    assert (whole[0], whole[1]) == ("error", {"title": "mizzle%3A drift"})
    assert '50%25, by hand"' in whole[2]
    assert '      DROP TABLE public."50%, by hand";' in out
    up = (made.migrations / made.ids()[0] / "up.sql").read_text(encoding="utf-8").splitlines()
    said = [up[int(place["line"]) - 1].split()[:2] for _, place, _ in (table, column)]
    assert sorted(said) == [["CREATE", "TABLE"], ["age", "integer,"]]
    assert {place["file"] for _, place, _ in (table, column)} == {f"shop/migrations/{made.ids()[0]}/up.sql"}


def test_pending_migrations_are_told_at_their_beginnings(shop: Project, database: str) -> None:
    shop.run("--url", database, "migrate", "--to", shop.ids()[0])
    out = shop.run("--url", database, "check", "--format", "github", code=1).out
    kind, place, _ = next(each for each in map(properties, findings(out)) if each[1]["title"] == "mizzle%3A pending")
    assert (kind, place["line"], place["file"]) == ("error", "1", f"shop/migrations/{shop.ids()[1]}/up.sql")


MODELS = """\
from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table
from sqlalchemy.orm import Mapped, mapped_column, registry

tables = registry()


class Named:
    name: Mapped[str]


@tables.mapped
class User(Named):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    mail: Mapped[str | None]  # new
    __table_args__ = (Index("users_name_idx", "name"),)  # new


tags = Table(
    "tags",
    tables.metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id"), index=True),  # new
)
"""
VIEW = "CREATE VIEW named AS\n  SELECT 1 AS one;\n"


def findings(out: str) -> list[str]:
    return [each for each in out.splitlines() if each.startswith("::")]


def test_what_differs_in_the_models_is_told_at_their_lines(tmp_path: Path, mizzle: Mizzle) -> None:
    """Each line that is new is named, a class where no line of it is, and SQL."""
    models, views = tmp_path / "shop.py", tmp_path / "views.sql"
    (tmp_path / "migrations").mkdir()
    (tmp_path / "mizzle.toml").write_text('models = "shop:tables"\nsql = ["views.sql"]\n', encoding="utf-8")
    models.write_text("".join(each for each in MODELS.splitlines(keepends=True) if "# new" not in each))
    views.write_text(VIEW, encoding="utf-8")
    assert mizzle("generate", cwd=tmp_path).returncode == 0
    models.write_text(MODELS.replace("name: Mapped[str]", "nick: Mapped[str]").replace('"name"', '"nick"'))
    views.write_text("-- more\n" + VIEW.replace("1", "2"), encoding="utf-8")
    ran = mizzle("check", "--format", "github", cwd=tmp_path)
    assert ran.returncode == 1, ran.stderr
    lines = {"shop.py": MODELS.splitlines(), "views.sql": ["", *VIEW.splitlines()]}
    told = {}
    for _, place, message in map(properties, findings(ran.stdout)):
        words = [each.removeprefix("- ") for each in message.split("%0A") if each.startswith("- ")]
        told |= dict.fromkeys(words, lines[place["file"]][int(place["line"]) - 1].strip())
    assert {what.partition(":")[0]: line for what, line in told.items()} == {
        "create column public.users.mail": "mail: Mapped[str | None]  # new",
        "create column public.users.nick": '__table_args__ = (Index("users_name_idx", "name"),)  # new',
        "drop column public.users.name": "class User(Named):",
        "create index public.users_name_idx": '__table_args__ = (Index("users_name_idx", "name"),)  # new',
        "create column public.tags.user_id": 'Column("user_id", ForeignKey("users.id"), index=True),  # new',
        "create constraint public.tags.tags_user_id_fkey": (
            'Column("user_id", ForeignKey("users.id"), index=True),  # new'
        ),
        "create index public.ix_tags_user_id": 'Column("user_id", ForeignKey("users.id"), index=True),  # new',
        "view public.named": "CREATE VIEW named AS",
    }


def test_properties_and_messages_are_escaped_as_the_runner_reads_them(tmp_path: Path) -> None:
    found = Finding("lint", "100 %\r\nof a: b, c", "a\nhint", file="1_a,b:c%/up.sql", line=1)
    (line,) = annotations.github(Config(tmp_path), [found])
    assert "file=" in line
    assert "1_a%2Cb%3Ac%25/up.sql,line=1,title=mizzle%3A lint::" in line
    assert line.endswith("::100 %25%0D%0Aof a: b, c%0Ahint: a%0Ahint")


def test_a_password_is_in_neither(tmp_path: Path) -> None:
    found = Finding("error", "postgresql://app:secret@db/shop cannot be reached")
    (line,) = annotations.github(Config(tmp_path), [found])
    (issue,) = annotations.gitlab(Config(tmp_path), [found])
    assert "secret" not in line + str(issue)


@pytest.mark.parametrize("form", ["github", "gitlab"])
def test_what_keeps_the_check_from_running_is_told_too(tmp_path: Path, form: str) -> None:
    made = project(tmp_path / "shop", "CREATE TABLE users ()", "CREATE TABLE people (id nonsense)")
    (tmp_path / ".git").mkdir()
    made.run("init", code=None)
    made.migrations.mkdir(exist_ok=True)
    ran = made.run("check", "--format", form, code=4)
    assert "nonsense" in ran.err
    if form == "github":
        place = {"file": "shop/schema.sql", "line": "2", "title": "mizzle%3A error"}
        assert properties(ran.out.splitlines()[-1])[:2] == ("error", place)
    else:
        (issue,) = json.loads(ran.out)
        assert (issue["check_name"], issue["location"]["lines"]) == ("mizzle/error", {"begin": 2})
        assert issue["location"]["path"] == "shop/schema.sql"


def test_models_that_do_not_import_are_told_at_their_line(tmp_path: Path, mizzle: Mizzle) -> None:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "mizzle.toml").write_text('models = "shop:tables"\n', encoding="utf-8")
    (tmp_path / "shop.py").write_text("\n\n1 / 0\n", encoding="utf-8")
    ran = mizzle("check", "--format", "github", cwd=tmp_path)
    assert ran.returncode == 4
    assert properties(findings(ran.stdout)[0])[1] == {"file": "shop.py", "line": "3", "title": "mizzle%3A error"}
    error = json.loads(mizzle("check", "--json", cwd=tmp_path).stdout)["error"]
    assert (error["file"], error["line"]) == ("shop.py", 3)


def test_what_the_server_refuses_of_models_is_in_no_file(tmp_path: Path, mizzle: Mizzle) -> None:
    (tmp_path / "mizzle.toml").write_text('models = "shop:tables"\n', encoding="utf-8")
    refused = MODELS.replace('"name"', 'text("nothing()")').replace("import ", "import text, ", 1)
    (tmp_path / "shop.py").write_text(refused, encoding="utf-8")
    error = json.loads(mizzle("generate", "--json", cwd=tmp_path).stdout)["error"]
    assert error["message"].startswith("the models, line ")
    assert "file" not in error


def test_one_form_is_printed_at_a_time(shop: Project) -> None:
    assert shop.run("check", "--json", "--format", "github", code=2).json["error"]["kind"] == "ConfigError"
