"""Objects that are made by one definition and are no part of a table: what all of them can say of themselves.

Each kind is a frozen dataclass in a module of its own. `QUERY` names the query that reads it: a row holds its fields,
in order, and then what pg_depend calls the object, as class and OID in turns. `TEXTS` names the fields that hold SQL as
PostgreSQL prints it, for those whose text may print otherwise once it was read again.
"""

from __future__ import annotations

from typing import Any

from mizzle.catalog.access import Access, DefaultPrivileges, Grants, Owner
from mizzle.catalog.aggregate import Aggregate
from mizzle.catalog.cast import Cast
from mizzle.catalog.collation import Collation
from mizzle.catalog.composite import Composite
from mizzle.catalog.domain import Domain
from mizzle.catalog.event_trigger import EventTrigger
from mizzle.catalog.foreign import ForeignServer, ForeignTable, Wrapper
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.operator import Operator
from mizzle.catalog.policy import Policy
from mizzle.catalog.publication import Publication
from mizzle.catalog.range_type import RangeType
from mizzle.catalog.routine import Routine
from mizzle.catalog.rule import Rule
from mizzle.catalog.statistics import Statistics
from mizzle.catalog.text_search import Configuration, Dictionary
from mizzle.catalog.trigger import Trigger
from mizzle.catalog.view import View

Types = Domain | Composite | RangeType
Routines = Routine | Aggregate
Views = View | MaterializedView
Attached = Trigger | Rule | Policy
Foreign = Wrapper | ForeignServer | ForeignTable
TextSearch = Dictionary | Configuration
Defined = (
    Types
    | Routines
    | Views
    | Attached
    | Statistics
    | Publication
    | EventTrigger
    | Cast
    | Operator
    | Collation
    | TextSearch
    | Foreign
    | Access
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
    Domain: "domains",
    Composite: "composites",
    RangeType: "range_types",
    Cast: "casts",
    Operator: "operators",
    Collation: "collations",
    Dictionary: "dictionaries",
    Configuration: "configurations",
    Wrapper: "wrappers",
    ForeignServer: "servers",
    ForeignTable: "foreign_tables",
    Grants: "grants",
    Owner: "owners",
    DefaultPrivileges: "default_privileges",
}
"""The field of Catalog that holds each kind."""


def made(kind: type[Defined], row: tuple[Any, ...]) -> Defined:
    """Return the object that a row of its query says."""
    return kind(*map(_frozen, row[:-1]))


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
