"""diff: the plan between any two schemas, proved if asked; and what each sort of operand is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from projects import Project, project

if TYPE_CHECKING:
    from pathlib import Path

USERS = "CREATE TABLE users (id integer PRIMARY KEY, name text)"
ORDERS = "CREATE TABLE orders (id integer PRIMARY KEY, user_id integer REFERENCES users)"


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A project with two migrations, for users and then for orders, whose models are what they make."""
    made = project(tmp_path / "shop", USERS)
    made.run("generate")
    made.schema(USERS, ORDERS)
    made.run("generate", "orders")
    return made


def test_every_sort_of_operand_can_stand_on_either_side(shop: Project, any_database: str) -> None:
    first, second = shop.ids()
    folder = shop.folder / "sql"
    folder.mkdir()
    (folder / "1.sql").write_text(f"{USERS};")
    (folder / "2.sql").write_text(f"{ORDERS};")
    with psycopg.connect(any_database) as connection:
        connection.execute(f"{USERS}; {ORDERS}".encode())
    whole = ["models", "head", second, second[:14], "sql", "schema.sql", any_database]
    for a, b in zip(whole, [*whole[1:], whole[0]], strict=True):
        ran = shop.run("diff", a, b)
        assert (ran.out, ran.err) == ("", "equal\n")
    without = ["empty", first, first[:14], "sql/1.sql"]
    for a, b in zip(without, whole, strict=False):
        ran = shop.run("diff", a, b, code=1)
        assert "CREATE TABLE public.orders (" in ran.out
        assert ran.err == ""
        assert "DROP TABLE public.orders" in shop.run("diff", b, a, code=1).out
    assert shop.run("diff", "empty", "empty").err == "equal\n"


def test_the_plain_form_is_one_statement_for_each_change(shop: Project) -> None:
    shop.schema(USERS.replace("name text", "name text UNIQUE"), f"{ORDERS}; CREATE INDEX ON orders (user_id)")
    online = shop.run("diff", "--json", "head", "models", code=1).json["steps"]
    assert [step["done_when"] for step in online if not step["transaction"]] == [
        "index public.orders_user_id_idx is valid",
        "index public.users_name_key is valid",
    ]
    assert not {hazard["code"] for step in online for hazard in step["hazards"]} & {"INDEX_BUILD", "TABLE_SCAN"}
    (plain,) = shop.run("diff", "--json", "--plain", "--prove", "head", "models", code=1).json["steps"]
    assert plain["transaction"]
    assert plain["work"]["builds"] == ["public.users_name_key", "public.orders_user_id_idx"]
    assert {hazard["code"] for hazard in plain["hazards"]} >= {"INDEX_BUILD"}
    shop.run("generate", "--custom", "--plain", code=2)
    written = shop.run("generate", "--plain", "--json").json
    assert [step["sql"] for step in written["steps"]] == [plain["sql"]]
    shop.run("check")


def test_a_plan_is_proved_where_that_is_asked(shop: Project, any_database: str) -> None:
    with psycopg.connect(any_database) as connection:
        connection.execute(f"{USERS}; ALTER TABLE users ALTER name SET DEFAULT 'x'".encode())
    for a, b in (("empty", "models"), (any_database, "models"), ("models", any_database)):
        ran = shop.run("diff", "--prove", a, b, code=1)
        assert ran.err == "proved: it reaches B, and its undo leads back to A\n"
    found = shop.run("diff", "--prove", "--json", any_database, "head", code=1).json
    assert found["proved"] is True
    assert sorted(found["changes"]) == ["alter column public.users.name", "create table public.orders"]
    assert shop.run("diff", "--prove", "head", "models").err == "equal\n"


def test_what_may_be_a_rename_is_said(shop: Project) -> None:
    shop.schema(USERS.replace("name", "full_name"), ORDERS)
    ran = shop.run("diff", "head", "models", code=1)
    assert ran.err == (
        "column public.users.name is dropped and column public.users.full_name is new; if it was renamed: "
        "--rename public.users.name:full_name\n"
    )
    ran = shop.run("diff", "head", "models", "--rename", "public.users.name:full_name", "--prove", code=1)
    assert "RENAME COLUMN name TO full_name" in ran.out
    assert ran.err.startswith("proved: ")


def test_what_names_nothing_is_refused(shop: Project, tmp_path: Path) -> None:
    (shop.folder / "nothing").mkdir()
    (shop.folder / "broken.sql").write_text("CREATE TABLE a (\n  b integer,\n  c\n);\n")
    cases = {
        ("head", "nowhere"): (
            2,
            "nothing to compare is called nowhere",
            "hint: name models, head, empty, a postgresql",
        ),
        ("empty", "nope.sql"): (2, "no such SQL file: nope.sql", "hint: paths are relative to"),
        ("empty", "nothing"): (2, "no .sql file in nothing", "hint: "),
        ("empty", "broken.sql"): (4, 'broken.sql, line 4: syntax error at or near ")"', "hint: correct it there"),
        ("empty", "postgresql://postgres@127.0.0.1:1/x"): (
            4,
            "cannot connect to postgresql://postgres@127.0.0.1:1/x",
            "hint",
        ),
        ("mysql://h/d", "head"): (2, "nothing to compare is called mysql://h/d", "hint: "),
    }
    for operands, (code, *messages) in cases.items():
        ran = shop.run("diff", *operands, code=code)
        assert ran.out == ""
        ran.says(*messages)
    shop.run("diff", "head", "models", "--rename", "public.users.nam:x", code=2).says("cannot rename public.users.nam")


def test_sql_that_is_refused_half_way_leaves_nothing_for_the_next(shop: Project) -> None:
    bad, good = shop.folder / "bad.sql", shop.folder / "good.sql"
    bad.write_text("CREATE TABLE stray (id integer);\nCOMMIT;\nCOPY stray FROM stdin;\n")
    good.write_text("CREATE TABLE good ();\n")
    shop.run("diff", "empty", "bad.sql", code=2)
    ran = shop.run("diff", "empty", "good.sql", code=1)
    assert "CREATE TABLE public.good" in ran.out
    assert "stray" not in ran.out
