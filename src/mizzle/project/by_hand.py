"""Hand-written steps, run on scratch one after the other, with the planned ones between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
import psycopg

from mizzle.errors import DatabaseError
from mizzle.lint import comments
from mizzle.lint.findings import Finding
from mizzle.lint.inventory import Name, inventory
from mizzle.lint.judge import Statement, judge
from mizzle.lint.watch import watch
from mizzle.migrations.folder import Migration
from mizzle.names import ident
from mizzle.planning.script import Script
from mizzle.planning.steps import Step
from mizzle.project.project import Project
from mizzle.project.writing import past
from mizzle.prove import STAND_IN, Scratch, execute, replayed, standing_in
from mizzle.runner.connection import forget
from mizzle.server.observe import Relations, relations

if TYPE_CHECKING:
    from mizzle.server.session import Connection


_STAND_IN, _PUBLIC = f"{ident(STAND_IN)}.", "public."


def look(
    server: Callable[[], Scratch], project: Project, chain: Sequence[Migration], first: int
) -> tuple[Finding, ...] | None:
    """Run the migrations from the first to the last that somebody wrote by hand, on what those before them make.

    Those before number `first` are not looked at. Returns None where all were planned, or touch nothing that was there
    before: no server is asked for where all say that they were planned.
    """
    scripts = {number: chain[number].up() for number in range(first, len(chain))}
    by_hand = [number for number, each in scripts.items() if comments.by_hand(each)]
    if not by_hand:
        return None
    findings: list[Finding] = []
    touches = False
    scratch = server()
    with replayed(scratch, list(map(past, chain[: by_hand[0]]))) as connection:
        for number in range(by_hand[0], by_hand[-1] + 1):
            migration = chain[number]
            if number not in by_hand:
                execute(scratch, connection, scripts[number], name=f"{migration.id}/up.sql")
                continue
            project.progress(f"looking at what was written by hand in {migration.id}")
            found = _migration(scratch, connection, project, f"{migration.id}/up.sql", scripts[number])
            touches = touches or found is not None
            findings += found or ()
    return tuple(findings) if touches else None


def _migration(
    server: Scratch, connection: Connection, project: Project, file: str, script: Script
) -> tuple[Finding, ...] | None:
    before, names = relations(connection), inventory(connection)
    statements: list[Statement] = []
    by_hand = comments.by_hand(script)
    for number, step in enumerate(script.steps):
        if number in by_hand:
            statements += _watched(server, connection, project, file, step, before, names)
        else:
            execute(server, connection, Script((), (step,)), name=file)
    there = inventory(connection)
    if not any(each.touches for each in statements):
        return None
    kinds = {str(each): each.kind for each in before.values()}
    everywhere = comments.ignored_in_file(script.head, script.steps)
    found = [finding for each in statements for finding in judge(_settled(each, there, everywhere), kinds)]
    # Where steps for tenants are proved, `public` has another name, which stands in those of new indexes alone.
    return tuple(msgspec.structs.replace(f, message=f.message.replace(_STAND_IN, _PUBLIC)) for f in found)


def _settled(statement: Statement, there: frozenset[Name], ignored: frozenset[str]) -> Statement:
    gone, ignored = statement.gone - there, statement.ignored | ignored
    return msgspec.structs.replace(statement, gone=gone, ignored=ignored)


def _watched(  # noqa: PLR0913, PLR0917 - what a step runs in
    server: Scratch,
    connection: Connection,
    project: Project,
    file: str,
    step: Step,
    before: Relations,
    names: frozenset[Name],
) -> tuple[Statement, ...]:
    tenant = STAND_IN if server.tenants else ""
    with standing_in(connection, tenant) as scope:
        while True:
            try:
                return watch(
                    connection, step, file=file, before=before, names=names, tenant=tenant, major=project.target
                )
            except psycopg.Error as error:
                if server.mend(error):
                    continue
                hint = "run `mizzle check` again; if it stays, please report it with that step"
                raise DatabaseError(f"{file}, line {step.line}: {error}", hint=hint) from error
            finally:
                forget(connection, scope)
