"""A step as it is told: the same for a plan that was just made and for a migration that was read."""

from __future__ import annotations

from collections.abc import Iterable

from mizzle import names
from mizzle.cli.results import steps as told
from mizzle.planning.condition import format_condition
from mizzle.planning.requirements import required
from mizzle.planning.steps import Backfill, Hazard, Lock, Step, Work
from mizzle.runner import notes


def tell_all(steps: Iterable[Step]) -> tuple[told.Step, ...]:
    """Return what each step runs, how, and what it does to others."""
    return tuple(tell(number, step) for number, step in enumerate(steps, 1))


def tell(number: int, step: Step, *, tenant: str = "") -> told.Step:
    """Return step `number`, its strongest locks first; relations are as they are called in the schema of `tenant`."""
    found = notes.read(step)
    locks = sorted(found.of_tenant(tenant).items(), key=lambda pair: -pair[1].rank)
    return told.Step(
        step=number,
        transaction=step.transaction,
        lock_timeout=step.lock_timeout,
        statement_timeout=step.statement_timeout,
        lock=_mode(locks[0][1] if locks else Lock.NONE),
        locks=tuple(told.Lock(relation=name, lock=_mode(lock)) for name, lock in locks),
        work=_work(found.work, tenant),
        old_code=found.old_code,
        hazards=_hazards(step, found),
        requires=tuple(told.Requirement(sentence=r.sentence, query=r.query, hint=r.hint) for r in required(step)),
        backfill=_backfill(step.backfill) if step.backfill else None,
        done_when=format_condition(step.done_when) if step.done_when else None,
        sql=step.sql if step.statements else notes.without(step),
    )


def hazards(found: Iterable[Hazard]) -> tuple[told.Hazard, ...]:
    """Return hazards of a plan."""
    return tuple(told.Hazard(code=each.code, subject=each.subject, message=each.message) for each in found)


def _mode(lock: Lock) -> told.LockMode:
    return lock.value


def _work(work: Work, tenant: str) -> told.Work:
    def called(relations: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(notes.of_tenant(name, tenant) for name in relations)

    return told.Work(rewrites=called(work.rewrites), scans=called(work.scans), builds=called(work.builds))


def _hazards(step: Step, found: notes.Notes) -> tuple[told.Hazard, ...]:
    """Return the hazards; the comments of a migration do not say the subject apart from the sentence."""
    if step.statements:
        return hazards(dict.fromkeys(step.hazards))
    return tuple(told.Hazard(code=code, subject=None, message=message) for code, message in found.hazards)


def _backfill(backfill: Backfill) -> told.Backfill:
    return told.Backfill(
        table=names.dotted(*filter(None, backfill.table)),
        key=backfill.key,
        batch=backfill.batch,
        pause=backfill.pause,
    )
