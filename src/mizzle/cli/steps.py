"""A step as JSON: the same for a plan that was just made and for a migration that was read."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import asdict

from mizzle import names
from mizzle.planning.condition import format_condition
from mizzle.planning.requirements import required
from mizzle.planning.steps import Backfill, Lock, Step
from mizzle.runner import notes


def steps_json(steps: Iterable[Step]) -> list[dict[str, object]]:
    """Return what each step runs, how, and what it does to others."""
    return [step_json(number, step) for number, step in enumerate(steps, 1)]


def step_json(number: int, step: Step, *, tenant: str = "") -> dict[str, object]:
    """Return step `number`, its strongest locks first; what is null nobody has said.

    Relations are as they are called in the schema of `tenant`. `old_code`: whether code that ran before works after
    it. `sql` is without the comments that say all that.
    """
    found = notes.read(step)
    locks = sorted(found.of_tenant(tenant).items(), key=lambda pair: -pair[1].rank)
    work = {kind: [notes.of_tenant(name, tenant) for name in listed] for kind, listed in asdict(found.work).items()}
    return {
        "step": number,
        "transaction": step.transaction,
        "lock_timeout": step.lock_timeout,
        "statement_timeout": step.statement_timeout,
        "lock": str(locks[0][1] if locks else Lock.NONE),
        "locks": [{"relation": name, "lock": str(lock)} for name, lock in locks],
        "work": work,
        "old_code": found.old_code,
        "hazards": _hazards(step, found),
        "requires": [{"sentence": r.sentence, "query": r.query, "hint": r.hint} for r in required(step)],
        "backfill": _backfill(step.backfill) if step.backfill else None,
        "done_when": format_condition(step.done_when) if step.done_when else None,
        "sql": step.sql if step.statements else notes.without(step),
    }


def _hazards(step: Step, found: notes.Notes) -> list[dict[str, object]]:
    """Return the hazards; the comments of a migration do not say the subject apart from the sentence."""
    if step.statements:
        told = dict.fromkeys(step.hazards)
        return [{"code": each.code, "subject": each.subject, "message": each.message} for each in told]
    return [{"code": code, "subject": None, "message": message} for code, message in found.hazards]


def _backfill(backfill: Backfill) -> dict[str, object]:
    return {
        "table": names.dotted(*filter(None, backfill.table)),
        "key": list(backfill.key),
        "batch": backfill.batch,
        "pause": backfill.pause,
    }
