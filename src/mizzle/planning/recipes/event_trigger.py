"""Event triggers."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog.event_trigger import EventTrigger
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, alters
from mizzle.planning.recipes import defined
from mizzle.planning.recipes.comment import created
from mizzle.planning.steps import Statement


def create(trigger: EventTrigger) -> list[Operation]:
    """CREATE EVENT TRIGGER, last of all: from then on it looks at what is done."""
    more = created("EVENT TRIGGER", names.ident(trigger.name), trigger.comment)
    if trigger.enabled != "ENABLE":
        more.insert(0, _state(trigger))
    return defined.create(Phase.CREATE_EVENT_TRIGGER, trigger, definition(trigger), more)


def definition(trigger: EventTrigger) -> str:
    """Return CREATE EVENT TRIGGER."""
    tags = f"\n    WHEN TAG IN ({', '.join(map(names.literal, trigger.tags))})" if trigger.tags else ""
    return (
        f"CREATE EVENT TRIGGER {names.ident(trigger.name)} ON {trigger.event}{tags}\n"
        f"    EXECUTE FUNCTION {trigger.function}()"
    )


def drop(trigger: EventTrigger, context: Context) -> list[Operation]:
    """DROP EVENT TRIGGER, before anything else is done that it would look at."""
    return defined.drop(Phase.RENAME, trigger, f"DROP EVENT TRIGGER {names.ident(trigger.name)}", context)


def in_place(old: EventTrigger, new: EventTrigger, _: Context) -> bool:
    """Say whether only its state or its comment differs."""
    return (old.event, old.tags, old.function) == (new.event, new.tags, new.function)


def alter(old: EventTrigger, new: EventTrigger, _: Context) -> list[Operation]:
    """ALTER EVENT TRIGGER."""
    told = [alters(Phase.CREATE_EVENT_TRIGGER, [_state(new)], new.address)] if old.enabled != new.enabled else []
    return [*told, *defined.commented("EVENT TRIGGER", names.ident(new.name), old, new)]


def _state(trigger: EventTrigger) -> Statement:
    sql = f"ALTER EVENT TRIGGER {names.ident(trigger.name)} {trigger.enabled}"
    return Statement(sql, change=f"alter {trigger.address}")
