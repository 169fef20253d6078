"""generate, from the command line: names, renames, drops, and migrations written by hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
import pytest

from projects import Project, project
from terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Mizzle

USERS = "CREATE TABLE users (id integer PRIMARY KEY, name text, email text)"
CONCURRENTLY = """\
-- built without locking the table
-- step 1: no transaction; lock_timeout 0; done when index public.users_name is valid
CREATE INDEX CONCURRENTLY users_name ON public.users (name);

-- step 2: transaction
COMMENT ON INDEX public.users_name IS 'by hand';
"""
UNDONE = """\
-- step 1: no transaction; lock_timeout 0; done when index public.users_name is absent
DROP INDEX CONCURRENTLY public.users_name;
"""


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    made = project(tmp_path / "shop", USERS)
    made.run("generate")
    return made


def test_a_name_is_given_or_found_and_nothing_is_written_twice(tmp_path: Path) -> None:
    shop = project(tmp_path / "shop", USERS)
    ran = shop.run("generate")
    assert re.fullmatch(r"wrote .*migrations/\d{14}_initial\n", ran.out)
    assert "proved: it reaches the models, and down.sql leads back. next: mizzle migrate" in ran.err
    (initial,) = shop.ids()
    assert (
        (shop.migrations / initial / "up.sql").read_text().startswith(f"-- migration {initial}\n-- creates 1 table\n")
    )
    before = shop.files()
    assert shop.run("generate", "again").out == "no changes\n"
    assert shop.run("generate", "--json").json == {"migration": None}
    assert shop.files() == before
    shop.schema(USERS, "CREATE SCHEMA audit")
    shop.settings('schemas = ["public", "audit"]')
    shop.run("generate", "Überall: Audit!")
    shop.schema(USERS.replace("name text", "name varchar(9)"), "CREATE SCHEMA audit")
    found = shop.run("generate", "--json").json
    assert re.fullmatch(r"\d{14}_change_users_name", found["migration"])
    assert found["changes"] == ["alter column public.users.name"]
    assert {each["code"] for each in found["hazards"]} >= {"DATA_DEPENDENT"}
    shop.schema(USERS.replace("name text", "name varchar(9)"))
    shop.run("generate")
    assert [each[15:] for each in shop.ids()] == ["initial", "uberall_audit", "change_users_name", "drop_audit"]


def test_all_likely_renames_are_named_at_once(tmp_path: Path) -> None:
    shop = project(tmp_path / "shop", "CREATE TABLE users (id integer PRIMARY KEY, name text, nick text, age integer)")
    shop.run("generate")
    shop.schema("CREATE TABLE users (id integer PRIMARY KEY, full_name text, nick_name text, years integer)")
    assert shop.run("generate", code=3).err == (
        "error: 3 things are gone, and others are new: was each renamed, or dropped?\n"
        "  column public.users.age: --rename public.users.age:years, or --drop public.users.age\n"
        "  column public.users.name: --rename public.users.name:full_name, or --drop public.users.name\n"
        "  column public.users.nick: --rename public.users.nick:nick_name, or --drop public.users.nick\n"
        "hint: give one of the two flags for each\n"
    )
    flags = ("--rename", "public.users.age:years", "--drop", "public.users.nick")
    shop.run("generate", *flags, code=3).says("hint: --rename public.users.name:full_name if it was renamed")
    shop.run("generate", *flags, "--rename", "public.users.name:full_name")


def test_a_likely_rename_is_a_question_and_without_a_terminal_an_error(shop: Project) -> None:
    shop.schema(USERS.replace("name", "full_name"))
    before = shop.files()
    ran = shop.run("generate", code=3)
    assert ran.out == ""
    ran.says(
        "error: column public.users.name is gone and column public.users.full_name is new: was it renamed, or dropped?",
        "hint: --rename public.users.name:full_name if it was renamed, --drop public.users.name if not",
    )
    assert shop.run("generate", "--json", code=3).json["error"]["kind"] == "DecisionNeeded"
    cases = {
        ("--rename", "public.users.name"): "--rename public.users.name is not OLD:NEW",
        ("--rename", "public.users.nam:full_name"): "cannot rename public.users.nam: there is no table, column",
        ("--rename", "public.users.name:fullname"): "the wanted schema has no column public.users.fullname",
        (
            "--rename",
            "public.users.name:full_name",
            "--drop",
            "public.users.nam",
        ): "--drop public.users.nam: there is noth",
        ("--custom", "--drop", "public.users.name"): "--custom writes an empty migration",
        ("--rename", "x..y:z"): "not a name: x..y",
    }
    for arguments, message in cases.items():
        shop.run("generate", *arguments, code=2).says(message, "hint: ")
    assert shop.files() == before
    shop.run("generate", "--rename", "public.users.name:full_name")
    assert shop.ids()[-1].endswith("_rename_users_name")


def test_a_drop_is_said_where_it_might_be_a_rename(shop: Project) -> None:
    shop.schema(USERS.replace("name", "full_name"))
    found = shop.run("generate", "--json", "--drop", "public.users.name").json
    assert sorted(found["changes"]) == ["create column public.users.full_name", "drop column public.users.name"]
    assert "DELETES_DATA" in [each["code"] for each in found["hazards"]]
    shop.schema(USERS.replace("name", "full_name").replace("users", '"Us:ers"'))
    shop.run("generate", "--rename", 'public.users:"Us:ers"')
    assert shop.run("generate").out == "no changes\n"


def test_on_a_terminal_generate_asks(shop: Project) -> None:
    shop.schema(USERS.replace("name", "full_name").replace("email", "mail"))
    with Terminal("-C", str(shop.folder), "generate") as terminal:
        terminal.answer("column public.users.email is gone. What became of it?", "")
        terminal.answer("  0  it is dropped", "")
        terminal.answer("  1  it is now called mail", "")
        terminal.answer("choose:", "7")
        terminal.wait_for("Error: 7 is none of these: type a number from 0 to ")
        terminal.answer("choose:", "1")
        terminal.wait_for("column public.users.name is gone.")
        terminal.answer("choose:", "0")
        assert terminal.end() == 0
    up = (shop.migrations / shop.ids()[-1] / "up.sql").read_text()
    assert "RENAME COLUMN email TO mail" in up
    assert "DROP COLUMN name" in up
    shop.schema(USERS)
    before = shop.files()
    with Terminal("-C", str(shop.folder), "generate") as terminal:
        terminal.wait_for("choose:")
        terminal.interrupt()
        assert terminal.end() == 130
        assert terminal.seen.rstrip().endswith("\ninterrupted")
    assert shop.files() == before


def test_a_column_of_a_renamed_table_is_asked_for_by_the_name_that_it_has_now(shop: Project) -> None:
    shop.schema(USERS.replace("name", "full_name").replace("users", "people"))
    table = ("--rename", "public.users:people")
    ran = shop.run("generate", *table, code=3)
    ran.says("hint: --rename public.users.name:full_name if it was renamed, --drop public.users.name if not")
    with Terminal("-C", str(shop.folder), "generate") as terminal:
        terminal.wait_for("table public.users is gone.")
        terminal.answer("choose:", "1")
        terminal.wait_for("column public.users.name is gone.")
        terminal.answer("choose:", "1")
        assert terminal.end() == 0
    assert shop.run("generate").out == "no changes\n"


def test_a_migration_by_hand_is_proved_kept_and_reported(shop: Project, database: str) -> None:
    ran = shop.run("generate", "--custom", "find by name")
    custom = shop.ids()[-1]
    assert ran.out.endswith(f"/{custom}\n")
    assert "fill up.sql and down.sql, then: mizzle rebase" in ran.err
    shop.write(custom, up=CONCURRENTLY, down=UNDONE)
    for command in (["check"], ["generate"], ["--url", database, "migrate"]):
        ran = shop.run(*command, code=1)
        ran.says(f"migration {custom} was written by hand and is not proved yet", "hint: `mizzle rebase` proves it")
    shop.run("rebase").says(f"proved  {custom}  on top of {shop.ids()[0]}")
    shop.run("check")
    assert shop.run("generate").out == "no changes\n"

    shop.schema(USERS, "CREATE TABLE orders (id integer)")
    ran = shop.run("generate")
    ran.says("kept, declared by no model: index public.users_name (--drop public.users_name drops it)")
    up = (shop.migrations / shop.ids()[-1] / "up.sql").read_text()
    assert "-- kept, declared by no model: index public.users_name\n" in up
    assert "users_name" not in up.replace("-- kept, declared by no model: index public.users_name\n", "")
    assert shop.run("diff", "head", "models").err == "equal\n"
    shop.run("check")
    ran = shop.run("--url", database, "migrate")
    ran.says(f"{custom}: step 1 of 2 done in ")
    with psycopg.connect(database) as connection:
        query = "SELECT obj_description('users_name'::regclass)"
        assert connection.execute(query).fetchall() == [("by hand",)]

    shop.run("generate", "--drop", "public.users_name", "unneeded")
    assert "DROP INDEX CONCURRENTLY public.users_name" in (shop.migrations / shop.ids()[-1] / "up.sql").read_text()
    shop.run("check")
    assert "kept" not in shop.run("generate", "--drop", "public.users_name", code=2).out


def test_a_migration_by_hand_that_was_never_filled_in_is_not_run(shop: Project, database: str) -> None:
    shop.run("generate", "--custom", "later")
    custom = shop.ids()[-1]
    says = f"migration {custom} was never filled in: there is no SQL in its up.sql"
    for command in (["generate"], ["generate", "--custom"], ["migrate"], ["migrate", "--dry-run"], ["rebase"]):
        ran = shop.run("--url", database, *command, code=1)
        ran.says(f"error: {says}", "hint: write up.sql and down.sql, then `mizzle rebase`; or delete ")
    shop.run("check", code=1).says(f"empty  {says}")
    shop.run("--url", database, "status", code=1).says(f"pending  {custom}", "is not proved yet: mizzle rebase proves")
    shop.write(custom, up="-- nothing after all\nSELECT;\n", down="")
    shop.run("rebase")
    shop.run("--url", database, "migrate").says(f"applied  {custom}")
    shop.run("check")


def test_what_the_models_declare_too_is_no_longer_kept(shop: Project) -> None:
    shop.run("generate", "--custom", "index")
    shop.write(shop.ids()[-1], up=CONCURRENTLY, down=UNDONE)
    index = "CREATE INDEX users_name ON users (name)", "COMMENT ON INDEX users_name IS 'by hand'"
    shop.schema(USERS, *index)
    shop.run("rebase")
    shop.run("check")
    assert shop.run("generate").out == "no changes\n"
    shop.schema(USERS)
    assert shop.run("generate", "--json").json["changes"] == ["drop index public.users_name"]


def test_a_migration_by_hand_that_is_wrong_is_not_recorded(shop: Project) -> None:
    shop.run("generate", "--custom", "wrong")
    custom = shop.ids()[-1]
    cases = {
        ("SELECT 1;\nSELEC 2;\n", ""): (1, f'{custom}/up.sql:2: syntax error at or near "SELEC"'),
        ("CREATE TABLE a ();", ""): (1, "no schema has been selected to create in"),
        ("CREATE TABLE public.a ();", ""): (1, f"{custom}/down.sql does not lead back"),
        ("COMMIT;", ""): (1, "ended the step's transaction"),
        ("-- step 2: transaction\nSELECT 1;", ""): (2, f"{custom}/up.sql, line 1: step 2 stands where step 1 is due"),
        ("-- step 1: no transaction\nSELECT 1;\nSELECT 2;", ""): (2, "line 3: a second statement in a step outside"),
        ("SELECT 'x;", ""): (2, f"{custom}/up.sql, line 1: a string that does not end"),
        ("CREATE INDEX CONCURRENTLY i ON public.users (id);", ""): (1, "cannot run inside a transaction block"),
        (CONCURRENTLY.replace("users_name is", "other is"), UNDONE): (1, "index public.other is valid does not hold"),
    }
    for (up, down), (code, message) in cases.items():
        shop.write(custom, up=up, down=down)
        before = shop.files()
        shop.run("rebase", code=code).says(message, "hint: ")
        assert shop.files() == before
        shop.run("check", code=1).says("unproved  ")


def test_an_undeclared_object_in_the_way_of_a_drop_is_named(shop: Project) -> None:
    shop.run("generate", "--custom", "view")
    shop.write(
        shop.ids()[-1],
        up="""CREATE VIEW public.names AS SELECT name FROM public.users;
        CREATE TABLE public.t (u integer REFERENCES public.users);""",
        down="DROP TABLE public.t;\nDROP VIEW public.names;",
    )
    shop.run("rebase")
    shop.run("check")
    shop.schema(USERS.replace("name text, ", ""))
    ran = shop.run("generate", code=3)
    ran.says(
        "view public.names, which no model declares, needs column public.users.name",
        "hint: drop view public.names in a hand",
    )
    shop.schema("CREATE TABLE other (id integer)")
    shop.run("generate", code=3).says("which no model declares, needs", "hint: drop ")


def test_init_says_what_the_models_define_or_why_they_cannot_be_read(mizzle: Mizzle, tmp_path: Path) -> None:
    models = tmp_path / "models.py"
    models.write_text(
        "from sqlalchemy import Column, Integer\nfrom sqlalchemy.orm import DeclarativeBase\n"
        "class Base(DeclarativeBase): pass\n"
        "class A(Base):\n    __tablename__ = 'a'\n    id = Column(Integer, primary_key=True)\n"
    )
    ran = mizzle("init", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "the models define 1 table. next: mizzle generate\n")
    (tmp_path / "mizzle.toml").unlink()
    models.write_text(models.read_text() + "1 / 0\n")
    ran = mizzle("init", cwd=tmp_path)
    assert ran.returncode == 0
    assert "the models cannot be read yet: models models:Base do not import: ZeroDivisionError" in ran.stderr
    assert (tmp_path / "mizzle.toml").exists()
    models.write_text("from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase): pass\n")
    ran = mizzle("generate", cwd=tmp_path)
    assert ran.stdout == "no changes\n"
    assert "the models define nothing yet: do they import the modules of your tables?" in ran.stderr


def test_what_breaks_old_code_is_written_in_two_and_nothing_is_left_to_do(shop: Project, database: str) -> None:
    shop.run("--url", database, "migrate")
    shop.schema(USERS.replace("name", "full_name"))
    flags = ("--expand-contract", "--rename", "public.users.name:full_name")
    found = shop.run("generate", "names", *flags, "--json").json["migrations"]
    assert [each["migration"][15:] for each in found] == ["names_expand", "names_contract"]
    assert [[broken["what"] for broken in each["breaks"]] for each in found] == [[], ["name is called full_name"]]
    assert shop.run("generate").out == "no changes\n"
    shop.run("check")
    first, second = (each["migration"] for each in found)
    ran = shop.run("--url", database, "migrate")
    assert ran.says(f"applied  {first}", f"waits    {second}   contract of {first}")
    shop.run("--url", database, "migrate", "--contract")
    shop.run("--url", database, "check")


def test_a_change_that_breaks_nothing_needs_no_second_migration(shop: Project) -> None:
    before = shop.ids()
    shop.schema(USERS, "CREATE TABLE more (id integer)")
    assert shop.run("generate", "--expand-contract").says("nothing in it breaks old code: one migration does")
    assert len(shop.ids()) == len(before) + 1


def test_what_cannot_be_split_leaves_nothing_behind(shop: Project) -> None:
    before = shop.ids()
    shop.schema(USERS.replace("name text", "name integer"))
    assert shop.run("generate", "--expand-contract", code=2).says("column public.users.name cannot be split")
    assert shop.ids() == before


def test_folders_that_are_missing_are_made_unless_nothing_is_written(tmp_path: Path) -> None:
    made = project(tmp_path / "deep", USERS, settings=('migrations = "db/deep/migrations"',))
    (made.folder / "db").write_text("a file", encoding="utf-8")
    made.run("generate", code=2).says("cannot be written")
    (made.folder / "db").unlink()
    made.schema("CREATE TABLE users (id nonsense)")
    made.run("generate", code=None)
    assert not (made.folder / "db").exists()
    made.schema(USERS)
    made.run("generate").says("wrote db/deep/migrations/")
    made.run("check")


def test_a_view_that_no_model_declares_goes_with_the_type_of_its_column(shop: Project) -> None:
    shop.run("generate", "--custom", "view")
    up = "CREATE VIEW public.names AS SELECT name, email LIKE '%@%' AS mails FROM public.users;\n"
    shop.write(shop.ids()[-1], up=up, down="DROP VIEW public.names;\n")
    shop.run("rebase")
    shop.schema(USERS.replace("name text", "name varchar(20)"))
    shop.run("generate", "shorter").says("kept, declared by no model: view public.names", "proved: ")
    shop.run("check")
    shop.schema(USERS.replace("name text", "name varchar(20)").replace("email text", "email jsonb"))
    ran = shop.run("generate", "documents", code=3)
    ran.says("no model declares view public.names, and it cannot be made again", "operator does not exist: jsonb ~~")
