"""A hand-written step, run on scratch and watched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mizzle.lint import comments
from mizzle.lint.inventory import Name, inventory
from mizzle.lint.judge import Statement
from mizzle.lint.squawk import Said, ask
from mizzle.planning.script import line_of
from mizzle.planning.steps import Step
from mizzle.server.observe import Relations, observe_each
from mizzle.sqltext import Fragment, tokens

if TYPE_CHECKING:
    from mizzle.server.session import Connection

_TAKES_AWAY = frozenset({"ALTER", "DROP", "DO", "CALL"})


def watch(  # noqa: PLR0913 - what a statement is told from
    connection: Connection, step: Step, *, file: str, before: Relations, names: frozenset[Name], tenant: str, major: int
) -> tuple[Statement, ...]:
    """Run a step and return its statements, each with what it did to what was there before the migration.

    `before` and `names` are the relations and the names that were; a schema called `tenant` counts as `public` in them.
    Raises psycopg.Error.
    """
    connection.execute("SET enable_seqscan TO off")  # so that a query that reads all of a table has no other way
    said = ask(step.sql, transaction=step.transaction, major=major)
    known = comments.hazards(step)
    left, end, statements = names & inventory(connection, tenant=tenant), 0, list[Statement]()
    for fragment, seen in observe_each(connection, step, before=before):
        found = inventory(connection, tenant=tenant) if _takes_away(fragment) else left
        statements.append(
            Statement(
                fragment.sql,
                file,
                line_of(step, fragment.offset),
                fragment.offset - step.sql.rfind("\n", 0, fragment.offset),
                seen if step.backfill is None else replace(seen, swept=frozenset()),  # it goes in batches
                left - found,
                tuple(_within(said, fragment)),
                known,
                comments.ignored(step.sql[end : fragment.offset + len(fragment.sql)]),
            )
        )
        left, end = left & found, fragment.offset + len(fragment.sql)
    return tuple(statements)


def _takes_away(fragment: Fragment) -> bool:
    verb = next(token.text.upper() for token in tokens(fragment.sql) if token.significant)
    return verb in _TAKES_AWAY


def _within(said: tuple[Said, ...], fragment: Fragment) -> Iterator[Said]:
    for each in said:
        if fragment.offset <= each.offset <= fragment.offset + len(fragment.sql):
            yield each
