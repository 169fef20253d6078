"""What the database says of files: it is what those make that it is said to have."""

from __future__ import annotations

from contextlib import suppress
from itertools import product
from typing import TYPE_CHECKING

import pytest

from mizzle.adopt import effects, replaying
from mizzle.adopt.drizzle import File
from mizzle.errors import DatabaseError

if TYPE_CHECKING:
    from mizzle.prove import Scratch

HISTORY = (
    "CREATE TABLE a (x integer, PRIMARY KEY (x))",
    "ALTER TABLE a ADD COLUMN y text; COMMENT ON TABLE a IS 'with y'",
    "ALTER TABLE a ALTER COLUMN y TYPE varchar(9)",
    "CREATE TYPE e AS ENUM ('p', 'q'); CREATE TABLE b (k e, x integer REFERENCES a)",
    "ALTER TYPE e ADD VALUE 'r'; ALTER TABLE b ALTER COLUMN x SET NOT NULL",
    "CREATE INDEX i ON a (x)",
    "DROP INDEX i; INSERT INTO a VALUES (1)",
    "DROP TABLE b",
)
_SAID = {"applied": True, "not applied": False, "unseen": None}


def files(*statements: str) -> list[File]:
    return [File(f"{number}.sql", f"{number}", sql, "") for number, sql in enumerate(statements)]


def replay(scratch: Scratch, *statements: str) -> replaying.Replayed:
    return replaying.replay(scratch, files(*statements), own=lambda catalog: catalog)


def test_some_choice_that_makes_the_database_is_what_was_judged(scratch: Scratch) -> None:
    """For every choice of files that runs: one that makes the same has what is said to be applied, no more."""
    touched = [step.touched for step in replay(scratch, *HISTORY).steps]
    made: dict[tuple[bool, ...], effects.Facts] = {}
    for chosen in product((True, False), repeat=len(HISTORY)):
        with suppress(DatabaseError):
            made[chosen] = effects.facts(scratch.load(text(chosen)))
    assert len(made) > 30
    for chosen, facts in made.items():
        said = [_SAID[each.verdict] for each in effects.judge(touched, facts)]
        alike = [other for other, others in made.items() if others == facts]
        assert any(all(a in {None, b} for a, b in zip(said, other, strict=True)) for other in alike), (chosen, said)


def text(chosen: tuple[bool, ...]) -> str:
    return "".join(f"{sql};\n" for sql, there in zip(HISTORY, chosen, strict=True) if there)


@pytest.mark.parametrize(
    ("live", "verdicts"),
    [
        (HISTORY[0], ["applied", "not applied", "not applied"]),
        (f"{HISTORY[0]}; ALTER TABLE a ADD COLUMN y text", ["applied", "in part", "not applied"]),
        (f"{HISTORY[0]}; ALTER TABLE a ADD COLUMN y numeric", ["applied", "not applied", "unseen"]),
        ("", ["not applied", "not applied", "not applied"]),
    ],
)
def test_what_was_changed_by_hand_says_nothing(scratch: Scratch, live: str, verdicts: list[str]) -> None:
    touched = [step.touched for step in replay(scratch, *HISTORY[:3]).steps]
    judged = effects.judge(touched, effects.facts(scratch.load(live)))
    assert [each.verdict for each in judged] == verdicts


def test_a_file_that_is_refused_changes_nothing_and_the_next_goes_on(scratch: Scratch) -> None:
    replayed = replay(scratch, HISTORY[0], f"CREATE TABLE c (); {HISTORY[0]}", "CREATE TABLE d ()")
    assert [step.refused for step in replayed.steps] == ["", 'relation "a" already exists', ""]
    assert [table.name for table in replayed.catalog.tables] == ["a", "d"]


def test_what_is_only_tried_leaves_nothing_in_a_transaction_or_outside_of_one(scratch: Scratch) -> None:
    index = "CREATE INDEX CONCURRENTLY i ON a (x)"
    listed = files(HISTORY[0], "CREATE TABLE c ()", index, "CREATE TABLE c (x integer)", f"{index} WHERE nope")
    replayed = replaying.replay(
        scratch, listed, own=lambda catalog: catalog, tried=lambda file: file.name in {"1.sql", "2.sql", "4.sql"}
    )
    assert [[str(where) for where in step.touched] for step in replayed.steps[1:4]] == [
        ["table public.c"],
        ["index public.i"],
        ["table public.c", "column public.c.x"],
    ]
    assert replayed.steps[4].refused == 'column "nope" does not exist'
    assert [str(where) for where in replayed.catalog.addresses() if where.kind == "index"] == []
