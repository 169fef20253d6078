"""The models straight to a development database: no files, nothing lost unasked, and one transaction if it can be.

It cannot where a table is so large that it is changed in steps that let others read and write it meanwhile.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing

import msgspec
from msgspec.structs import replace

from mizzle import names
from mizzle.catalog.access import Grants, Owner
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog
from mizzle.catalog.sequence import Sequence as DatabaseSequence
from mizzle.catalog.table import Table
from mizzle.differ.compare import compare
from mizzle.differ.questions import questions
from mizzle.differ.renames import answer
from mizzle.errors import DatabaseError, DecisionNeeded
from mizzle.planning import script
from mizzle.planning.plan import Plan, plan
from mizzle.planning.steps import Step
from mizzle.project import ignore, live
from mizzle.project.declared import with_kept
from mizzle.project.generate import NobodyToAsk, Questioner, answered
from mizzle.project.hints import with_hints
from mizzle.project.losses import Loss, refuse_losses
from mizzle.project.project import Project
from mizzle.project.push_refused import refuse, refuse_unknown
from mizzle.project.push_risks import Risk, attributes, counted, risks
from mizzle.project.sizes import small_tables
from mizzle.project.stepwise import Stepwise
from mizzle.runner.connection import connect
from mizzle.runner.events import Listener
from mizzle.runner.events import ignore as unheard
from mizzle.runner.rows import expect
from mizzle.runner.scope import Scope

_UNCOMMITTED_VALUE = "55P04"


class Push(msgspec.Struct, frozen=True):
    """A push that was planned: its plan, what it would delete, and what it leaves alone though no model has it.

    `risks` are what it takes data from, `losses` those of them that held something when it was planned. `kept` are
    objects that are managed, `unmanaged` those of a kind that is not managed. `steps` are what runs, as `role` where
    that is not empty: one, unless a step cannot be in a transaction.
    """

    plan: Plan
    risks: tuple[Risk, ...]
    losses: tuple[Loss, ...]
    kept: tuple[Address, ...]
    unmanaged: tuple[Address, ...]
    steps: tuple[Step, ...]
    role: str = ""

    @property
    def script(self) -> str:
        """The steps as text: what is printed is what runs."""
        return script.render(self.steps)

    @property
    def outside(self) -> tuple[int, ...]:
        """The numbers of the steps that keep it from being one transaction, counted from 1."""
        return tuple(number for number, step in enumerate(self.steps, 1) if not step.transaction)


def plan_push(
    project: Project,
    url: str,
    *,
    accept: Sequence[str] = (),
    renames: Mapping[str, str] | None = None,
    questioner: Questioner | None = None,
) -> Push:
    """Compare the models with the database and plan what is missing.

    Tables and other objects that no model has are left alone, unless `accept` names them, or `renames` or the
    questioner says that they were renamed. Raises HistoryError for a database that has a migration history, ConfigError
    for one that the configuration marks as production, DecisionNeeded for a column that may have been renamed.
    """
    refuse(project, url)
    accepted = frozenset(names.parse(each) for each in accept)
    with project.scratch() as server:
        project.progress("reading the database")
        found = project.own(live.managed(url, project.config))
        wanted = project.wanted(server)
        home = server.rehome(ignore.without_foreign(found, wanted), near=wanted)
    refuse_unknown(accepted, home)
    hinted = with_hints(project.sources, home, wanted, renames or {})
    answers = _renamed_tables(home, wanted, hinted, accepted, questioner)
    kept = _left_alone(home, wanted, accepted | {names.parse(each) for each in answers})
    goal = _goal(wanted, home, kept, accepted)
    if project.sources.ddl:
        goal = _as_secure(goal, home)
    ask = questioner or NobodyToAsk("--accept-data-loss")
    dropped = [names.dotted(*each) for each in accepted - attributes(home)]
    answers = answered(home, goal, answers, dropped, ask)
    planned = _planned(home, goal, answers, small_tables(url, project.config))
    at_risk = risks(planned, home)
    with closing(connect(url, scope=project.scope)) as connection:
        losses = counted(connection, at_risk)
    return Push(planned, at_risk, losses, kept, found.unmanaged, _together(planned.steps), project.config.role)


def apply_push(url: str, push: Push, *, accept: Iterable[str] = (), on_event: Listener = unheard) -> None:
    """Run the plan: in one transaction, or step by step where a step cannot be in one.

    So it is also where a new enum value must be committed before it can be used.
    Raises DecisionNeeded where it would delete what `accept` does not name, counted once more: somebody may have
    written since it was planned; DatabaseError where PostgreSQL refuses.
    """
    with closing(connect(url, scope=Scope(role=push.role))) as connection:
        refuse_losses(counted(connection, push.risks), accept, doing="push")
    with closing(connect(url, scope=Scope(role=push.role))) as connection:
        expect(connection, push.plan.steps, name="the plan", but={risk.subject for risk in push.risks})
        runs = Stepwise(connection, Scope(role=push.role), on_event)
        try:
            runs.run(push.script)
        except DatabaseError as error:
            if error.sqlstate != _UNCOMMITTED_VALUE or len(push.steps) > 1:
                raise
            runs.run(push.plan.sql)


def _planned(home: Catalog, goal: Catalog, answers: Mapping[str, str], small: Collection[str]) -> Plan:
    """Plan with what a comparison can pick up where it was interrupted, and the rest in its plain form.

    Nothing notes how far a push came. It cannot be seen of a table whose rows are written in batches, or whose key is
    made partition by partition.
    """
    planned = plan(home, goal, renames=answers, major=home.major, small=small)
    plainly = {names.dotted(*step.backfill.table) for step in planned.steps if step.backfill is not None}
    plainly |= {
        table.address.sql
        for table in goal.tables
        for where, _ in table.parts()
        if table.partition_by and where.kind == "constraint" and where in {each.address for each in planned.changes}
    }
    if plainly <= {*small}:
        return planned
    return _planned(home, goal, answers, {*small, *plainly})


def _renamed_tables(
    home: Catalog,
    wanted: Catalog,
    renames: Mapping[str, str],
    accepted: Collection[tuple[str, ...]],
    questioner: Questioner | None,
) -> dict[str, str]:
    """Return `renames`, and those of tables that the questioner tells; without one, such a table is not ours."""
    answers = dict(renames)
    settled = set(accepted)
    while questioner is not None:
        changes = compare(home, wanted, renames=answers)
        asked = (q for q in questions(changes) if q.gone.kind == "table" and q.gone.names not in settled)
        question = next(asked, None)
        if question is None:
            break
        settled.add(question.gone.names)
        to = questioner.renamed(question, otherwise="it is left alone: no model has it")
        if to is not None:
            answers[question.gone.sql] = answer(question.gone, to)
    return answers


def _left_alone(home: Catalog, wanted: Catalog, ours: Collection[tuple[str, ...]]) -> tuple[Address, ...]:
    """Return the objects that stand by themselves and that no model has, but for those that are named as `ours`."""
    there = wanted.addresses()

    def of_a_model(thing: object) -> bool:
        if isinstance(thing, Grants | Owner):
            return thing.subject in there
        owner = thing.owned_by if isinstance(thing, DatabaseSequence) else None
        return owner is not None and Address("table", owner[:2]) in there

    return tuple(
        sorted(
            where
            for where, thing in home.top_level()
            if where not in there and where.names not in ours and not of_a_model(thing)
        )
    )


def _goal(wanted: Catalog, home: Catalog, kept: Iterable[Address], accepted: Collection[tuple[str, ...]]) -> Catalog:
    """Return what the database is to be: what is wanted, and what is left alone with all its parts not `accepted`."""
    whole = set(kept)
    for table in home.tables:
        if table.address in whole:
            whole |= {where for where, _ in table.parts() if where.names not in accepted}
    try:
        return with_kept(wanted, home, whole)
    except DecisionNeeded as error:
        hint = "drop it in the database by hand, or declare both, or let the push drop it: --accept-data-loss NAME"
        raise DecisionNeeded(error.message, hint=hint) from error


def _as_secure(goal: Catalog, home: Catalog) -> Catalog:
    """Return what the database is to be, in which no row security is switched off: SQLAlchemy has no word for it."""
    was = {table.address: table for table in home.tables if table.row_security}

    def table(each: Table) -> Table:
        found = was.get(each.address)
        if found is None or each.row_security:
            return each
        return dataclasses.replace(each, row_security=True, force_row_security=found.force_row_security)

    return dataclasses.replace(goal, tables=tuple(map(table, goal.tables)))


def _together(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return all steps as one, unless one of them cannot be in a transaction."""
    if len(steps) < 2 or not all(step.transaction for step in steps):  # noqa: PLR2004 - there is nothing to put together
        return tuple(steps)
    statements = tuple(statement for step in steps for statement in step.statements)
    return (replace(steps[0], sql="\n\n".join(step.sql for step in steps), statements=statements),)
