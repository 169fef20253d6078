"""Triggers."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog.trigger import Trigger
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, alters
from mizzle.planning.recipes import defined
from mizzle.planning.recipes.comment import created
from mizzle.planning.steps import Lock, Statement


def create(trigger: Trigger) -> list[Operation]:
    """CREATE TRIGGER, enabled or not as it is wanted."""
    where = trigger.address
    made = _on(trigger, definition(trigger), f"create {where}")
    more = [*_state(trigger), *created("TRIGGER", _named(trigger), trigger.comment, relation=_table(trigger))]
    return defined.create(Phase.CREATE_ATTACHED, trigger, made, more)


def definition(trigger: Trigger, *, replace: bool = False) -> str:
    """Return CREATE TRIGGER, or (`replace`) CREATE OR REPLACE TRIGGER."""
    words = f"CREATE {'OR REPLACE ' if replace else ''}{'CONSTRAINT ' if trigger.constraint else ''}TRIGGER"
    return f"{words} {names.ident(trigger.name)} {trigger.definition}"


def drop(trigger: Trigger, context: Context) -> list[Operation]:
    """DROP TRIGGER, unless its table or view takes it along."""
    if context.holder_gone(trigger.address):
        return []
    return defined.drop(
        Phase.DROP_PART,
        trigger,
        f"DROP TRIGGER {_named(trigger)}",
        context,
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=_table(trigger),
    )


def in_place(old: Trigger, new: Trigger, _: Context) -> bool:
    """Say whether CREATE OR REPLACE can: constraint triggers it does not."""
    return old.definition == new.definition or not (old.constraint or new.constraint)


def alter(old: Trigger, new: Trigger, _: Context) -> list[Operation]:
    """CREATE OR REPLACE, which enables the trigger, and its state again."""
    where, statements = new.address, list[Statement]()
    if old.definition != new.definition:
        statements = [_on(new, definition(new, replace=True), f"alter {where}"), *_state(new)]
    elif old.enabled != new.enabled:
        statements = [_enabled(new)]
    told = [alters(Phase.CREATE_ATTACHED, statements, where)] if statements else []
    return [*told, *defined.commented("TRIGGER", _named(new), old, new, relation=_table(new))]


def _state(trigger: Trigger) -> list[Statement]:
    return [] if trigger.enabled == "ENABLE" else [_enabled(trigger)]


def _enabled(trigger: Trigger) -> Statement:
    sql = f"ALTER TABLE {_table(trigger)} {trigger.enabled} TRIGGER {names.ident(trigger.name)}"
    return _on(trigger, sql, f"alter {trigger.address}")


def _on(trigger: Trigger, sql: str, change: str) -> Statement:
    return Statement(sql, lock=Lock.SHARE_ROW_EXCLUSIVE, relation=_table(trigger), change=change)


def _table(trigger: Trigger) -> str:
    return names.dotted(trigger.schema, trigger.table)


def _named(trigger: Trigger) -> str:
    return f"{names.ident(trigger.name)} ON {_table(trigger)}"
