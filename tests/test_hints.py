"""Renames that models and SQL files tell themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text

from mizzle.errors import ConfigError
from mizzle.sources import metadata
from projects import Project, project

OLD = "CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE users (id integer PRIMARY KEY, name text, m mood);"


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A project whose models are a file of SQL."""
    return project(tmp_path / "shop", OLD)


def test_models_tell_what_was_renamed() -> None:
    found = MetaData(info={"renames": {"public.mood": "feeling"}})
    Table("people", found, Column("full name", Text, info={"renamed_from": "name"}), info={"renamed_from": "users"})
    Table("t", found, Column("id", Integer), schema="app", info={"renamed_from": "public.t"})
    hints = [each for each in metadata.ddl([found], major=18) if each.startswith("--")]
    assert hints == [
        "-- renamed: public.mood -> feeling",
        "-- renamed: public.users -> people",
        '-- renamed: public.people.name -> "full name"',
        "-- renamed: public.t -> app.t",
    ]


@pytest.mark.parametrize("info", [{"renames": ["a"]}, {"renames": {"public.a": 5}}, {"renames": {'public."a': "b"}}])
def test_what_is_no_rename_is_refused(info: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        metadata.ddl([MetaData(info=info)], major=18)


def test_a_hint_is_an_answer_until_it_is_done(shop: Project) -> None:
    shop.run("generate")
    types = "CREATE TYPE feeling AS ENUM ('a', 'c');"
    new = f'{types} CREATE TABLE people (id integer PRIMARY KEY, "full name" text, m feeling);'
    shop.schema(new)
    hints = """-- renamed: public.mood -> feeling
  -- renamed: public.mood.b -> c
--renamed: public.users -> people
-- renamed: public.people.name -> "full name"
"""
    shop.schema(f"{hints}{new}")
    shop.run("diff", "head", "models", code=1).says("RENAME COLUMN name TO", "RENAME VALUE 'b' TO 'c'")
    shop.run("generate")
    text = (shop.folder / "migrations" / shop.ids()[-1] / "up.sql").read_text()
    assert "RENAME TO people" in text
    assert "DROP" not in text
    assert shop.run("generate").out == "no changes\n"
    shop.schema(f"{hints}{new} CREATE TABLE more (id integer);")
    shop.run("generate")
    shop.run("check")


def test_a_hint_that_is_no_name_is_refused(shop: Project) -> None:
    shop.schema('-- renamed: public."a -> b\nCREATE TABLE t (id integer)')
    shop.run("generate", code=2).says("a hint that is no rename", "hint: write `-- renamed: ")
