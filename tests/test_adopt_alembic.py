"""adopt from Alembic: the real one makes the databases, and finds all of its own as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from foreign import Alembic, expect_adopted, expect_next_change, made_from_models, portal
from projects import NAMED, USERS, Project, execute, project
from referee import schema_text

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Mizzle
    from servers import Server

ORDERS = "CREATE TABLE orders (id integer PRIMARY KEY)"


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A project whose models are two tables, beside Alembic's scripts without revisions."""
    made = project(tmp_path / "shop", USERS, ORDERS)
    Alembic.make(made.folder)
    return made


@pytest.fixture
def two(shop: Project) -> Alembic:
    """Alembic with a revision for each of the tables."""
    made = Alembic(shop.folder)
    made.revision("aaaa", None, [USERS], message="users")
    made.revision("bbbb", "aaaa", [ORDERS], message="orders")
    return made


def test_the_portal_goes_on_from_where_alembic_left_it(
    pg18: Server, database: str, tmp_path: Path, mizzle: Mizzle
) -> None:
    folder = portal(tmp_path / "portal")
    alembic = Alembic.make(folder)
    head = alembic.portal()
    theirs = {path: path.read_bytes() for path in (folder / "alembic").rglob("*.py")}
    env = {"DATABASE_URL": database}

    alembic.run("upgrade", "02ab02cd02ef", url=database)
    process = mizzle("-C", folder, "adopt", env=env)
    assert (process.returncode, process.stdout) == (1, "")
    assert "Alembic has not applied 2 of 4 revisions:\n  03ab03cd03ef  keys\n  04ab04cd04ef  indexes" in process.stderr
    assert "hint: alembic upgrade head applies them" in process.stderr
    assert not (folder / "migrations").exists()
    assert execute(database, "SELECT to_regnamespace('mizzle')") == [(None,)]

    alembic.run("upgrade", "head", url=database)
    process = mizzle("-C", folder, "adopt", env=env)
    assert process.returncode == 0, process.stdout + process.stderr
    assert "ok        the database is what the models say" in process.stdout
    assert 'ignore = ["table:public.alembic_version"]' in (folder / "pyproject.toml").read_text(encoding="utf-8")
    expect_adopted(mizzle, folder, database)

    expect_next_change(mizzle, folder, database)
    assert alembic.run("current", url=database) == f"{head} (head)\n"
    assert theirs == {path: path.read_bytes() for path in (folder / "alembic").rglob("*.py")}
    execute(database, "DROP TABLE alembic_version")
    assert schema_text(database, bin=pg18.bin) == schema_text(made_from_models(pg18, folder), bin=pg18.bin)


def test_a_second_database_records_the_baseline_that_the_first_one_made(
    shop: Project, two: Alembic, pg18: Server, database: str
) -> None:
    other = pg18.create()
    for url in (database, other):
        two.run("upgrade", "head", url=url)
    shop.run("--url", database, "adopt")
    (baseline,) = shop.ids()
    refused = shop.run("--url", other, "adopt", code=1)
    assert refused.says("migrations/ has 1 migration, and this database has none recorded", "mizzle baseline")
    assert shop.run("--url", other, "baseline").says(f"recorded  {baseline}")
    assert shop.run("check", "--url", other).says("the database is what the migrations that it has applied make")
    refused = shop.run("--url", other, "adopt", code=1)
    assert refused.says("this database is run by Mizzle already", "mizzle status")


def test_what_was_taken_over_cannot_be_rolled_back(shop: Project, two: Alembic, database: str) -> None:
    two.run("upgrade", "head", url=database)
    shop.run("--url", database, "adopt")
    shop.schema(NAMED, ORDERS)
    shop.run("generate", "names")
    shop.run("--url", database, "migrate")
    baseline, names = shop.ids()
    assert shop.run("--url", database, "rollback", "--to", "empty", code=1).says(f"{baseline} is where this database")
    assert shop.run("--url", database, "rollback").says(f"reverted  {names}")
    assert shop.run("--url", database, "rollback", code=1).says("what it makes was there before, and stays")
    assert execute(database, "SELECT to_regclass('users') IS NOT NULL") == [(True,)]


def test_branches_bases_and_dependencies_are_alembics_to_judge(shop: Project, two: Alembic, database: str) -> None:
    """Two bases, in folders of their own, a branch with a dependency: three heads, of which one is implied."""
    ini = shop.folder / "alembic.ini"
    more = "version_locations = alembic/versions more\npath_separator = space\n"
    ini.write_text(f"{ini.read_text(encoding='utf-8')}{more}", encoding="utf-8")
    two.revision("cccc", "aaaa", ["CREATE TABLE carts ()"], message="carts")
    two.revision("dddd", None, ["CREATE TABLE logs ()"], message="logs", depends="cccc", where="more")
    shop.schema(USERS, ORDERS, "CREATE TABLE carts ()", "CREATE TABLE logs ()")
    two.run("upgrade", "bbbb", url=database)
    refused = shop.run("--url", database, "adopt", code=1)
    assert refused.says("has not applied 2 of 4 revisions:\n  cccc  carts\n  dddd  logs\n")
    assert refused.says("3 heads: bbbb (orders), cccc (carts), dddd (logs)", "alembic upgrade heads applies them")
    two.run("upgrade", "heads", url=database)
    assert execute(database, "SELECT version_num FROM alembic_version ORDER BY 1") == [("bbbb",), ("dddd",)]
    assert shop.run("--url", database, "adopt").says("4 revisions from 2 bases", "the database is what the models say")


def test_a_merge_has_one_head(shop: Project, two: Alembic, database: str) -> None:
    two.revision("cccc", "aaaa", ["CREATE TABLE carts ()"])
    two.revision("dddd", ("bbbb", "cccc"), message="merge")
    shop.schema(USERS, ORDERS, "CREATE TABLE carts ()")
    two.run("upgrade", "head", url=database)
    assert shop.run("--url", database, "adopt").says("4 revisions\n", "head dddd (merge)")


def test_a_revision_that_no_file_has_is_named(shop: Project, two: Alembic, database: str) -> None:
    two.run("upgrade", "head", url=database)
    (shop.folder / "alembic" / "versions" / "bbbb.py").unlink()
    refused = shop.run("--url", database, "adopt", code=1)
    assert refused.says("the database is at bbbb (public.alembic_version), and no file of alembic.ini")


def test_its_table_may_be_called_as_it_likes_and_lie_where_it_likes(tmp_path: Path, pg18: Server) -> None:
    for number, (options, ignored) in enumerate(
        (
            (', version_table="odd name?"', '["table:public.odd name[?]"]'),
            (', version_table="revisions", version_table_schema="ops"', None),
        )
    ):
        url = pg18.create()
        execute(url, "CREATE SCHEMA ops")
        shop = project(tmp_path / str(number), USERS)
        alembic = Alembic.make(shop.folder, options=options)
        alembic.revision("aaaa", None, [USERS])
        alembic.run("upgrade", "head", url=url)
        found = shop.run("--url", url, "adopt", "--json").json
        assert found["drift"] == []
        text = (shop.folder / "mizzle.toml").read_text(encoding="utf-8")
        assert text == 'models = "schema.sql"\n' + (f"ignore = {ignored}\n" if ignored else "")
        shop.run("check", "--url", url)


def test_of_several_tables_one_has_to_be_named(shop: Project, two: Alembic, database: str) -> None:
    two.run("upgrade", "head", url=database)
    execute(database, "CREATE TABLE their_version (version_num varchar(32)); INSERT INTO their_version VALUES ('zzzz')")
    refused = shop.run("--url", database, "adopt", code=3)
    assert refused.says("several version tables of Alembic: public.alembic_version, public.their_version")
    assert refused.says("--version-table public.alembic_version")
    assert shop.run("--url", database, "adopt", "--version-table", "nope", code=2).says("is called nope", "there is: ")
    assert shop.run("--url", database, "adopt", "--version-table", "their_version", code=1).says("is at zzzz")
    found = shop.run("--url", database, "adopt", "--version-table", "alembic_version", "--json").json
    assert found["ignored"] == ["table:public.alembic_version", "table:public.their_version"]
    assert found["drift"] == found["kept"] == []


def test_scripts_are_found_where_people_keep_them(tmp_path: Path, database: str) -> None:
    """In pyproject.toml; beside alembic.ini without a word in it, as Flask-Migrate has them; named by their folder."""
    shop = project(tmp_path / "shop", USERS, settings=('migrations = "ours"',))
    made = Alembic.make(shop.folder, where="migrations")
    made.revision("aaaa", None, [USERS], where="migrations/versions")
    made.run("upgrade", "head", url=database)
    ini = shop.folder / "alembic.ini"
    ini.unlink()
    look = ("--url", database, "adopt", "--dry-run")
    told = "note      Alembic has run this database (public.alembic_version); its files were not found"
    assert shop.run(*look).says("a database as it is", told)
    assert shop.run(*look[:2], "adopt", "alembic", str(shop.folder / "migrations"), "--dry-run").says("1 revision\n")
    (shop.folder / "pyproject.toml").write_text('[tool.alembic]\nscript_location = "%(here)s/migrations"\n')
    assert shop.run(*look).says("Alembic: pyproject.toml, 1 revision\n")
    (shop.folder / "pyproject.toml").unlink()
    (shop.folder / "migrations" / "alembic.ini").write_text("[alembic]\n", encoding="utf-8")
    assert shop.run(*look).says("Alembic: migrations/alembic.ini, 1 revision\n", "nothing was written")
    assert shop.run(*look[:2], "adopt", "alembic", str(ini), code=2).says("there is no ", "mizzle adopt alembic FILE")
    assert shop.run(*look[:2], "adopt", "drizzle", code=2).says("there is nothing of Drizzle in")
    assert shop.run(*look[:2], "adopt", "database", str(ini), code=2).says("takes no PATH")


def test_init_leaves_alembics_folder_alone(tmp_path: Path, database: str) -> None:
    made = Alembic.make(tmp_path, where="migrations")
    made.revision("aaaa", None, [USERS], where="migrations/versions")
    made.run("upgrade", "head", url=database)
    (tmp_path / "schema.sql").write_text(f"{USERS};\n", encoding="utf-8")
    shop = Project(tmp_path)
    assert shop.run("init", "--models", "schema.sql").says("and mizzle_migrations/")
    assert shop.run("--url", database, "adopt").says("wrote     mizzle_migrations/")
    shop.run("check", "--url", database)


def test_what_is_wrong_with_the_scripts_is_told(shop: Project, two: Alembic, database: str, mizzle: Mizzle) -> None:
    adopt = ("--url", database, "adopt")
    two.run("upgrade", "head", url=database)
    versions = shop.folder / "alembic" / "versions"
    good = (versions / "bbbb.py").read_text(encoding="utf-8")
    (versions / "bbbb.py").write_text(f"import nothing_like_it\n{good}", encoding="utf-8")
    assert shop.run(*adopt, code=4).says("Alembic's scripts do not import: No module named 'nothing_like_it'")
    (versions / "bbbb.py").write_text(f"print('hello')\n1 / 0\n{good}", encoding="utf-8")
    refused = shop.run(*adopt, "--json", code=4)
    assert refused.json["error"]["kind"] == "ImportFailed"
    assert "ZeroDivisionError: division by zero" in refused.json["error"]["message"]
    (versions / "bbbb.py").write_text(good.replace("'aaaa'", "'xxxx'"), encoding="utf-8")
    assert shop.run(*adopt, code=2).says("Alembic: Revision xxxx referenced from ", "is not present")
    (versions / "bbbb.py").write_text(good, encoding="utf-8")
    (versions / "again.py").write_text(good, encoding="utf-8")
    assert shop.run(*adopt, "--dry-run").says("note      Revision bbbb is present more than once")
    (versions / "again.py").unlink()
    (shop.folder / "alembic" / "__init__.py").touch()  # beside a program that is run with -m it hides the real one
    process = mizzle(*adopt, cwd=shop.folder)
    assert (process.returncode, process.stdout) == (4, "")
    assert "Alembic cannot be imported here" in process.stderr
    assert "mizzle adopt database" in process.stderr
