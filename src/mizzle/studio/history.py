"""The migrations as the page shows them: where each stands, what it says and does, what is pending.

Nothing here applies anything: that is for `mizzle migrate`.
"""

from __future__ import annotations

from typing import Any

from mizzle.errors import MizzleError
from mizzle.migrations.folder import Migration
from mizzle.migrations.problems import Problem
from mizzle.planning.script import Script
from mizzle.planning.steps import Step
from mizzle.project.database import migrate_project, status
from mizzle.project.project import Project
from mizzle.runner import notes
from mizzle.runner.redaction import without_passwords
from mizzle.runner.units import UnitStatus

Answer = dict[str, Any]

_TOLERATED = ("edited", "empty", "leftover", "unproved")
"""What may be wrong in the folder while the rest of it can still be shown."""


def timeline(project: Project, url: str) -> Answer:
    """Return every migration of the folder and of the database, first to last, and what is wrong with the folder."""
    folder = project.folder()
    problems = [_problem(each) for each in folder.problems]
    try:
        chain = folder.chain(despite=_TOLERATED)
        found = status(project, url=url)
    except MizzleError as error:
        return {"migrations": [], "problems": problems or [_error(error)]}
    known = {migration.id: migration for migration in chain}
    return {"migrations": [_summary(each, known.get(each.id)) for each in found], "problems": problems}


def migration(project: Project, named: str) -> Answer | None:
    """Return the files and steps of one migration; None where the folder has none of that name."""
    chain = project.folder().chain(despite=_TOLERATED)
    found = next((each for each in chain if each.id == named), None)
    if found is None:
        return None
    up, down = found.up(), found.down()
    return {
        "id": found.id,
        "up": _text(found, "up.sql"),
        "down": _text(found, "down.sql"),
        "steps": _steps(up),
        "down_steps": _steps(down),
    }


def pending(project: Project, url: str) -> Answer:
    """Return what is pending, and what it would do to the database as it is now: sizes, locks, about how long."""
    try:
        report = migrate_project(project, dry_run=True, url=url)
    except MizzleError as error:
        return {"pending": [], "problem": _error(error)}
    return {"pending": report.forecasts, "problem": None}


def _summary(each: UnitStatus, found: Migration | None) -> Answer:
    steps = found.up().steps if found else ()
    told = [notes.read(step) for step in steps]
    return {
        "id": each.id,
        "state": each.state,
        "direction": each.direction,
        "when": each.when.isoformat() if each.when else None,
        "seconds": each.seconds,
        "role": each.role,
        "host": each.host,
        "version": each.version,
        "error": without_passwords(each.error),
        "hint": each.hint,
        "steps": len(steps),
        "hazards": sorted({code for step in told for code, _ in step.hazards}),
        "replaces": [replaced.id for replaced in found.replaces] if found else [],
        "edited": list(found.edited) if found else [],
        "in_folder": found is not None,
    }


def _steps(script: Script) -> list[Answer]:
    return [_step(number, step) for number, step in enumerate(script.steps, 1)]


def _step(number: int, step: Step) -> Answer:
    told = notes.read(step)
    return {
        "number": number,
        "transaction": step.transaction,
        "backfill": step.backfill,
        "lock_timeout": step.lock_timeout,
        "statement_timeout": step.statement_timeout,
        "done_when": _condition(step),
        "locks": [{"relation": name, "lock": str(lock)} for name, lock in told.locks.items()],
        "hazards": [{"code": code, "message": message} for code, message in told.hazards],
        "line": step.line,
    }


def _condition(step: Step) -> str:
    condition = step.done_when
    return f"{condition.kind} {'.'.join(condition.name)} {condition.state}" if condition else ""


def _text(found: Migration, file: str) -> str:
    return (found.path / file).read_text(encoding="utf-8", errors="replace")


def _problem(each: Problem) -> Answer:
    return {"kind": each.kind, "message": each.message, "hint": each.hint}


def _error(error: MizzleError) -> Answer:
    return {"kind": type(error).__name__, "message": without_passwords(error.message), "hint": error.hint}
