"""Objects that are made by one definition and are no part of a table: what all of them can say of themselves.

Each kind is a frozen dataclass in a module of its own. `QUERY` names the query that reads it: a row holds its fields,
in order, and then what pg_depend calls the object, as class and OID in turns. `TEXTS` names the fields that hold SQL as
PostgreSQL prints it, for those whose text may print otherwise once it was read again.
"""

from __future__ import annotations

from typing import Any

from mizzle.catalog.aggregate import Aggregate
from mizzle.catalog.event_trigger import EventTrigger
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.policy import Policy
from mizzle.catalog.publication import Publication
from mizzle.catalog.routine import Routine
from mizzle.catalog.rule import Rule
from mizzle.catalog.statistics import Statistics
from mizzle.catalog.trigger import Trigger
from mizzle.catalog.view import View

Defined = (
    Routine | Aggregate | View | Policy | Trigger | EventTrigger | MaterializedView | Rule | Statistics | Publication
)

FIELDS: dict[type[Defined], str] = {
    Routine: "routines",
    Aggregate: "aggregates",
    View: "views",
    Policy: "policies",
    Trigger: "triggers",
    EventTrigger: "event_triggers",
    MaterializedView: "materialized_views",
    Rule: "rules",
    Statistics: "statistics",
    Publication: "publications",
}
"""The field of Catalog that holds each kind."""


def made(kind: type[Defined], row: tuple[Any, ...]) -> Defined:
    """Return the object that a row of its query says."""
    return kind(*map(_frozen, row[:-1]))


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
