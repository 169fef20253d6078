"""Steps without the schema that stands for a tenant's: the runner's search_path says which one is meant.

Models, snapshots and plans name it `public`. What a step runs names no schema for it; its comments keep the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from msgspec.structs import replace

from mizzle.errors import Unsupported
from mizzle.planning.keeping import ANEW
from mizzle.planning.online.kept import BODY
from mizzle.planning.steps import Backfill, Condition, Requirement, Statement, Step
from mizzle.sqltext import Token, raw_name, tokens


def unqualified(steps: Iterable[Step], template: str) -> tuple[Step, ...]:
    """Return `steps` with what they run freed of the schema `template`.

    Raises Unsupported for a statement that speaks of the schema itself, or of an extension, which no tenant has alone.
    """
    return tuple(_step(step, template) for step in steps)


def without_schema(sql: str, template: str, *, constants: bool = False) -> str:
    """Return SQL whose names in the schema `template` have none: in code, and in constants that are cast to a name.

    `constants`: in all constants, for SQL that makes SQL of them.
    """
    found = tuple(tokens(sql))
    taken = {place for place, _ in enumerate(found) if _qualifies(found, place, template)}
    taken |= {place + 1 for place in taken}
    kept = (place for place in range(len(found)) if place not in taken)
    return "".join(_constant(found, place, template, every=constants) for place in kept)


def _step(step: Step, template: str) -> Step:
    statements = tuple(_statement(each, template) for each in step.statements)
    sql = "\n\n".join(f"{each.sql};" for each in statements) if statements else without_schema(step.sql, template)
    if len(statements) == 1 and not step.transaction:
        sql = statements[0].sql
    return replace(
        step,
        sql=sql,
        statements=statements,
        done_when=_condition(step.done_when, template),
        backfill=_backfill(step.backfill, template),
    )


def _statement(statement: Statement, template: str) -> Statement:
    words = [token.text.upper() for token in tokens(statement.sql) if token.kind == "name"]
    if words[1:2] == ["EXTENSION"] or words[1:4] == ["IF", "NOT", "EXTENSION"]:
        raise Unsupported(
            f"{statement.change or statement.sql}: an extension is of the whole database, not of a tenant",
            hint="make it once for the database, and take it out of the models",
        )
    if _names_schema(statement.sql, template):
        raise Unsupported(
            f"{statement.change or statement.sql}: a tenant's schema itself is not managed",
            hint="whoever makes the schema gives it its owner and its grants; take it out of the models",
        )
    return replace(
        statement,
        sql=without_schema(statement.sql, template, constants=statement.sql.startswith(ANEW)),
        requires=tuple(_requirement(each, template) for each in statement.requires),
    )


def _requirement(requirement: Requirement, template: str) -> Requirement:
    return replace(requirement, query=without_schema(requirement.query, template))


def _condition(condition: Condition | None, template: str) -> Condition | None:
    if condition is None:
        return None
    if condition.kind == "query":
        return replace(condition, name=(without_schema(condition.name[0], template),))
    if condition.name[0] != template or condition.kind == "schema":
        return condition
    return replace(condition, name=("", *condition.name[1:]))


def _backfill(backfill: Backfill | None, template: str) -> Backfill | None:
    if backfill is None or backfill.table[0] != template:
        return backfill
    return replace(backfill, table=("", backfill.table[1]))


def _qualifies(found: Sequence[Token], place: int, template: str) -> bool:
    """Say whether a token is the schema's name, before a dot and behind none."""
    token = found[place]
    if token.kind not in {"name", "quoted"} or raw_name(token) != template:
        return False
    dotted = place + 1 < len(found) and found[place + 1].text == "."
    return dotted and not (place > 0 and found[place - 1].text == ".")


def _constant(found: Sequence[Token], place: int, template: str, *, every: bool) -> str:
    """Return a token's text; a constant that a cast to a reg type follows is a name, and loses the schema as one."""
    text = found[place].text
    following = [token.text for token in found[place + 1 : place + 3]]
    named = following[:1] == ["::"] and following[1:2] and following[1].lower().startswith("reg")
    if text.startswith("'") and (every or named):
        return f"'{without_schema(text[1:-1], template)}'"
    if text.startswith(BODY):
        tag = text[: text.index("$", 1) + 1]
        return tag + without_schema(text.removeprefix(tag).removesuffix(tag), template) + tag
    return text


def _names_schema(sql: str, template: str) -> bool:
    found = [token for token in tokens(sql) if token.kind not in {"space", "comment"}]
    pairs = pairwise(found)
    return any(
        first.text.upper() == "SCHEMA" and second.kind in {"name", "quoted"} and raw_name(second) == template
        for first, second in pairs
    )
