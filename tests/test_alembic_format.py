"""`generate --format alembic`: revisions that Alembic itself runs, there and back, and as SQL; the referee compares."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from projects import NAMED, USERS, Project, execute, project, two_migrations
from referee import schema_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Mizzle
    from servers import Server

PORTAL = Path(__file__).parents[1] / "portal"

FIRST = (
    USERS,
    "CREATE TYPE mood AS ENUM ('sad', 'at 12:30')",
    "COMMENT ON TABLE users IS ':id is 100 %s \\: \"quoted\"'",
    "CREATE FUNCTION later() RETURNS int LANGUAGE sql AS $$\n  SELECT 1; -- :x '12:30' \\n\n$$",
)
# With what needs several steps: an index, an enum's value, a column that is filled in batches.
SECOND = (
    "CREATE TABLE users (id integer PRIMARY KEY, name text, at timestamptz NOT NULL DEFAULT clock_timestamp())",
    "CREATE TYPE mood AS ENUM ('sad', 'at 12:30', 'ok :b')",
    "CREATE UNIQUE INDEX users_name_key ON users (name) WHERE name <> 'a:b'",
    "CREATE VIEW named AS SELECT id, name::varchar(3) AS short FROM users WHERE name LIKE '%:x'",
)


def alembic(made: Project, *arguments: str, url: str = "", code: int = 0) -> str:
    """Run Alembic in a project's folder, and return what it prints to stdout."""
    driver = "postgresql+asyncpg:" if "async" in made.folder.name else "postgresql+psycopg:"
    ran = subprocess.run(
        [sys.executable, "-m", "alembic", "-x", f"url={url.replace('postgresql:', driver)}", *arguments],
        cwd=made.folder,
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert ran.returncode == code, ran.stdout + ran.stderr
    return ran.stdout if not code else ran.stderr


def with_alembic(made: Project, *, template: str = "generic") -> Project:
    """Make a project's folder one of Alembic's, too, whose database is that of `-x url=...`."""
    alembic(made, "init", "--template", template, "alembic")
    env = made.folder / "alembic" / "env.py"
    url = "config.set_main_option('sqlalchemy.url', context.get_x_argument(as_dictionary=True)['url'])\n"
    text = env.read_text(encoding="utf-8")
    env.write_text(text.replace("target_metadata = None\n", f"target_metadata = None\n{url}"), encoding="utf-8")
    return made


def revisions(made: Project) -> list[str]:
    """The files of the revisions, sorted."""
    return sorted(path.name for path in (made.folder / "alembic" / "versions").glob("*.py"))


class Databases:
    """Databases of one test, dropped at its end."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.made: list[str] = []

    def new(self) -> str:
        """An empty one."""
        self.made.append(self.server.create())
        return self.made[-1]

    def text(self, url: str) -> str:
        """What the referee says of a database, without Alembic's own table."""
        statements = schema_text(url, bin=self.server.clients).removesuffix(";\n").split(";\n\n")
        return ";\n\n".join(each for each in statements if "alembic_version" not in each)

    def migrated(self, made: Project, *, to: int) -> str:
        """What the referee says where Mizzle has run the first so many migrations itself."""
        url = self.new()
        if to:
            made.run("--url", url, "migrate", "--to", made.ids()[to - 1])
        return self.text(url)


@pytest.fixture
def databases(pg18: Server) -> Iterator[Databases]:
    """Fresh databases."""
    found = Databases(pg18)
    yield found
    for url in found.made:
        pg18.drop(url)


def both(made: Project) -> Project:
    """Write two migrations, each with its revision."""
    made.run("generate", "first", "--format", "alembic")
    made.schema(*SECOND)
    made.run("generate", "second", "--drop", "public.later()", "--format", "alembic")
    return made


@pytest.mark.parametrize("template", ["generic", "async"])
def test_alembic_makes_and_undoes_what_the_migrations_do(tmp_path: Path, databases: Databases, template: str) -> None:
    made = both(with_alembic(project(tmp_path / template, *FIRST), template=template))
    assert revisions(made) == [f"{each}.py" for each in made.ids()]
    url = databases.new()
    first, _ = made.ids()
    alembic(made, "upgrade", first[:14], url=url)
    assert databases.text(url) == databases.migrated(made, to=1)
    execute(url, "INSERT INTO users SELECT g FROM generate_series(1, 2500) AS g")
    alembic(made, "upgrade", "head", url=url)
    assert databases.text(url) == databases.migrated(made, to=2)
    assert execute(url, "SELECT count(*), count(DISTINCT at) > 2 FROM users WHERE at IS NOT NULL") == [(2500, True)]
    assert execute(url, "SELECT obj_description('alembic_version'::regclass, 'pg_class')") == [(None,)]
    alembic(made, "downgrade", "-1", url=url)
    assert databases.text(url) == databases.migrated(made, to=1)
    alembic(made, "downgrade", "base", url=url)
    assert databases.text(url) == databases.migrated(made, to=0)


def test_alembics_own_table_may_be_called_otherwise_and_each_revision_have_its_transaction(
    tmp_path: Path, databases: Databases
) -> None:
    made = with_alembic(project(tmp_path / "p", *FIRST))
    env = made.folder / "alembic" / "env.py"
    options = "transaction_per_migration=True, version_table='The alembic_version', version_table_schema='Ops'"
    text = env.read_text(encoding="utf-8")
    env.write_text(
        text.replace("target_metadata=target_metadata", f"target_metadata=None, {options}"), encoding="utf-8"
    )
    both(made)
    url = databases.new()
    execute(url, 'CREATE SCHEMA "Ops"')
    alembic(made, "upgrade", "head", url=url)
    assert execute(url, "SELECT obj_description('\"Ops\".\"The alembic_version\"'::regclass, 'pg_class')") == [(None,)]
    execute(url, 'DROP SCHEMA "Ops" CASCADE')
    assert databases.text(url) == databases.migrated(made, to=2)


def test_what_alembic_prints_for_psql_does_the_same(tmp_path: Path, databases: Databases) -> None:
    made = both(with_alembic(project(tmp_path / "p", *FIRST)))
    url = databases.new()
    psql = [databases.server.clients / "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", url]
    for arguments, to in ((("upgrade", "head"), 2), (("downgrade", f"{made.ids()[1][:14]}:base"), 0)):
        printed = alembic(made, *arguments, "--sql", url=url)
        subprocess.run(psql, input=printed, encoding="utf-8", check=True)
        assert databases.text(url) == databases.migrated(made, to=to)


def test_rows_of_a_table_that_is_filled_or_copied_in_batches_are_all_there(
    tmp_path: Path, databases: Databases
) -> None:
    columns = 'a int, "B" text COLLATE "C", n int NOT NULL'
    key = 'PRIMARY KEY (a, "B")'
    made = with_alembic(project(tmp_path / "p", f"CREATE TABLE t ({columns}, {key})"))
    made.run("generate", "--format", "alembic")
    url = databases.new()
    alembic(made, "upgrade", "head", url=url)
    execute(url, "INSERT INTO t SELECT g % 50, 'b' || g, g FROM generate_series(1, 2345) AS g")
    made.schema(f"CREATE TABLE t ({columns}, twice int GENERATED ALWAYS AS (n * 2) STORED, {key})")
    made.run("generate", "--format", "alembic")
    made.schema(
        f"CREATE TABLE t ({columns.replace('n int', 'n text')}, twice int GENERATED ALWAYS AS (a * 2) STORED, {key})"
    )
    made.run("generate", "--format", "alembic")
    second, third = (each[:14] for each in made.ids()[1:])
    for direction, revision, number in (
        ("upgrade", second, 2),
        ("upgrade", third, 3),
        ("downgrade", second, 2),
        ("upgrade", third, 3),
    ):
        alembic(made, direction, revision, url=url)
        assert execute(url, "SELECT count(*), sum(n::int) FROM t") == [(2345, 2345 * 2346 // 2)]
        assert databases.text(url) == databases.migrated(made, to=number)


def test_an_upgrade_that_failed_between_two_steps_goes_on_there(tmp_path: Path, databases: Databases) -> None:
    made = with_alembic(project(tmp_path / "p", NAMED))
    made.run("generate", "--format", "alembic")
    url = databases.new()
    alembic(made, "upgrade", "head", url=url)
    execute(url, "INSERT INTO users VALUES (1, 'twice'), (2, 'twice')")
    made.schema(NAMED.replace("name text", "name text, more int"), "CREATE UNIQUE INDEX one ON users (name)")
    made.run("generate", "--format", "alembic")
    assert "could not create unique index" in alembic(made, "upgrade", "head", url=url, code=1)
    assert execute(url, "SELECT more FROM users") == [(None,), (None,)]
    assert execute(url, "SELECT version_num FROM alembic_version") == [(made.ids()[0][:14],)]
    execute(url, "UPDATE users SET name = 'once' WHERE id = 2")
    alembic(made, "upgrade", "head", url=url)
    assert databases.text(url) == databases.migrated(made, to=2)


def test_migrations_that_have_no_revision_get_one(tmp_path: Path, databases: Databases) -> None:
    made = with_alembic(two_migrations(tmp_path / "p"))
    ran = made.run("generate", "--format", "alembic")
    assert ran.says("wrote alembic/versions/", "first.py", "second.py")
    assert revisions(made) == [f"{each}.py" for each in made.ids()]
    made.run("generate", "--custom", "filled")
    made.write(made.ids()[2], up="UPDATE public.users SET name = 'x:y';\n", down="SELECT 1;\n")
    made.run("rebase")
    made.schema(NAMED, "CREATE TABLE more (id int)")
    made.run("generate", "--format", "alembic")
    assert revisions(made) == [f"{each}.py" for each in made.ids()]
    assert made.run("generate", "--format", "alembic").says("no changes")
    url = databases.new()
    alembic(made, "upgrade", "head", url=url)
    assert databases.text(url) == databases.migrated(made, to=4)


def test_the_portal_as_an_alembic_project(tmp_path: Path, databases: Databases, mizzle: Mizzle) -> None:
    shutil.copytree(PORTAL, tmp_path / "p", ignore=shutil.ignore_patterns("__pycache__", ".mizzle", ".env"))
    made = with_alembic(Project(tmp_path / "p"))
    ran = mizzle("generate", "--format", "alembic", cwd=made.folder)
    assert ran.returncode == 0, ran.stderr
    assert revisions(made) == [f"{each}.py" for each in made.ids()]
    url = databases.new()
    alembic(made, "upgrade", "head", url=url)
    assert databases.text(url) == databases.migrated(made, to=len(made.ids()))
    alembic(made, "downgrade", "base", url=url)
    assert databases.text(url) == databases.migrated(made, to=0)


def test_a_project_that_alembic_began_goes_on_with_what_changes(tmp_path: Path, databases: Databases) -> None:
    made = with_alembic(project(tmp_path / "p", USERS))
    alembic(made, "revision", "-m", "by hand", url="postgresql:")
    (by_hand,) = (made.folder / "alembic" / "versions").glob("*.py")
    text = by_hand.read_text(encoding="utf-8")
    made_by_hand = 'op.create_table("users", sa.Column("id", sa.Integer, primary_key=True, autoincrement=False))'
    by_hand.write_text(text.replace("    pass\n", f"    {made_by_hand}\n", 1), encoding="utf-8")
    refused = made.run("generate", "--format", "alembic", code=2)
    assert refused.says("Alembic has 1 revisions, and no migration says what they have made", "mizzle baseline")
    assert not made.migrations.exists()
    made.run("generate", "initial")
    made.schema(NAMED)
    made.run("generate", "--format", "alembic")
    assert len(revisions(made)) == 2
    url = databases.new()
    alembic(made, "upgrade", "head", url=url)
    assert databases.text(url) == databases.migrated(made, to=2)


def test_what_alembic_cannot_go_on_from_is_refused_and_nothing_written(tmp_path: Path) -> None:
    made = project(tmp_path / "p", USERS)
    assert made.run("generate", "--format", "alembic", code=2).says("there is no", "alembic init")
    with_alembic(made)
    template = made.folder / "alembic" / "script.py.mako"
    text = template.read_text(encoding="utf-8")
    template.write_text(text.replace("${upgrades", "${None"), encoding="utf-8")
    refused = made.run("generate", "--format", "alembic", code=2)
    assert refused.says("leaves out what revision", "has to hold ${upgrades}")
    template.write_text(text.replace("${up_revision}", "${nothing.of.it}"), encoding="utf-8")
    assert made.run("generate", "--format", "alembic", code=2).says("does not write the revision")
    template.write_text(f"{text}\n(", encoding="utf-8")  # written by Alembic, which cannot import it then
    assert made.run("generate", "--format", "alembic", code=2).says("'(' was never closed", "nothing was written")
    assert revisions(made) == []
    assert made.ids() == []
    template.write_text(text, encoding="utf-8")
    made.run("generate", "--format", "alembic")
    for name in ("left", "right"):
        alembic(made, "revision", "-m", name, "--splice", "--head", made.ids()[0][:14], url="postgresql:")
    assert made.run("generate", "--format", "alembic", code=2).says("Alembic has 2 heads", "alembic merge")
    assert made.run("generate", "--custom", "--format", "alembic", code=2).says("when it is filled")


@pytest.mark.parametrize(
    ("file", "text", "code", "says"),
    [
        ("alembic/versions/bad.py", "def f(:", 4, "a revision does not import: SyntaxError"),
        ("alembic/versions/bad.py", "raise SystemExit(7)", 4, "a revision does not import: SystemExit: 7"),
        ("alembic/versions/bad.py", "import nothing_like_it", 4, "No module named 'nothing_like_it'"),
        ("alembic/versions/bad.py", "revision, down_revision = 'b', 'a'", 2, "Revision a referenced from a -> b"),
        ("alembic.ini", "[alembic", 2, "alembic.ini cannot be read: File contains no section headers"),
    ],
)
def test_what_alembic_fails_to_read_is_told(tmp_path: Path, file: str, text: str, code: int, says: str) -> None:
    made = with_alembic(project(tmp_path / "p", USERS))
    (made.folder / file).write_text(text, encoding="utf-8")
    assert made.run("generate", "--format", "alembic", code=code).says(says, "hint: ")
    assert not made.migrations.exists()


def test_what_a_hook_prints_does_not_mix_with_the_result(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    made = with_alembic(project(tmp_path / "p", USERS))
    ini = made.folder / "alembic.ini"
    hook = "[post_write_hooks]\nhooks = say\nsay.type = exec\nsay.executable = echo\nsay.options = heard"
    ini.write_text(ini.read_text(encoding="utf-8").replace("[post_write_hooks]", hook), encoding="utf-8")
    assert made.run("generate", "--format", "alembic", "--json").json["revisions"]
    printed = capfd.readouterr()
    assert (printed.out, "heard" in printed.err) == ("", True)


def test_a_revision_of_others_on_top_is_named(tmp_path: Path) -> None:
    made = with_alembic(project(tmp_path / "p", USERS))
    made.run("generate", "--format", "alembic")
    alembic(made, "revision", "-m", "rows", "--rev-id", "abc", url="postgresql:")
    made.schema(NAMED)
    ran = made.run("generate", "--format", "alembic")
    assert ran.says("revision abc on top was not written by mizzle")
    written = made.folder / "alembic" / "versions" / f"{made.ids()[1]}.py"
    assert "down_revision: Union[str, Sequence[str], None] = 'abc'" in written.read_text(encoding="utf-8")


def test_what_is_written_needs_nothing_of_mizzle(tmp_path: Path) -> None:
    made = both(with_alembic(project(tmp_path / "p", *FIRST)))
    for path in (made.folder / "alembic" / "versions").glob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert "import mizzle" not in source
        assert "from mizzle" not in source
