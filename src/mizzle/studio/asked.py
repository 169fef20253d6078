"""What a page asks of a table: which rows, in which order, from where on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mizzle.studio import filters, paging
from mizzle.studio.database import BUDGET
from mizzle.studio.filters import Filter
from mizzle.studio.lens import Lens
from mizzle.studio.paging import Order, Place
from mizzle.studio.refused import Refused
from mizzle.studio.relations import Relation
from mizzle.studio.sql import Sql, all_of

LONGEST_TEXT = 100_000
"""Characters that a parameter may have."""
LONGEST_WAIT = 60
"""Seconds that a person may ask to wait."""
_ROWS = 100
_MOST_ROWS = 1_000


@dataclass(frozen=True)
class Rows:
    """Which rows of a relation: those that every filter, the search and the tenant lens hold for."""

    relation: Relation
    filters: tuple[Filter, ...] = ()
    search: str = ""
    tenant: str = ""
    lens: Lens | None = None

    def where(self, *more: Sql) -> Sql:
        """Return WHERE with all of it, and `more`; nothing where everything is asked for."""
        conditions = [filters.condition(self.relation, each) for each in self.filters]
        if self.search:
            conditions.append(filters.search(self.relation, self.search))
        if self.lens is not None and self.tenant:
            conditions.append(self.lens.condition(self.relation, self.tenant))
        return all_of([*conditions, *more])


@dataclass(frozen=True)
class Page:
    """A page of them."""

    rows: Rows
    order: Order
    place: Place
    limit: int


def rows(params: Mapping[str, str], relation: Relation, lens: Lens | None) -> Rows:
    """Read which rows are asked for. Raises Refused for whatever is not there or no value."""
    found = tuple(filters.parse(text(params, "filters")))
    return Rows(relation, found, text(params, "search"), text(params, "tenant"), lens)


def page(params: Mapping[str, str], relation: Relation, lens: Lens | None) -> Page:
    """Read which page is asked for."""
    order = Order(text(params, "sort"), descending=params.get("descending") == "true")
    place = paging.parse_place(text(params, "place"))
    limit = number(params, "limit", _ROWS, most=_MOST_ROWS)
    return Page(rows(params, relation, lens), order, place, limit)


def milliseconds(params: Mapping[str, str]) -> int:
    """Return how long a statement may take: the budget, or the seconds that a person asked to wait."""
    wait = number(params, "wait", 0, most=LONGEST_WAIT)
    return wait * 1000 or BUDGET


def text(params: Mapping[str, str], named: str) -> str:
    """Return a parameter, empty where it is not given. Raises Refused for what PostgreSQL or we would not take."""
    found = params.get(named, "")
    if len(found) > LONGEST_TEXT:
        message = f"{named} is longer than {LONGEST_TEXT:,} characters"
        raise Refused(413, message, code="too_long")
    if "\0" in found:
        raise Refused(400, f"{named} holds a zero byte, which no text in PostgreSQL can", code=named)
    return found


def number(params: Mapping[str, str], named: str, default: int, *, most: int) -> int:
    """Return a parameter that is a number from 1 to `most`, the default where it is not given."""
    found = params.get(named, "")
    if not found:
        return default
    if not (found.isascii() and found.isdecimal() and len(found) < len(str(most)) + 2 and 1 <= int(found) <= most):
        raise Refused(400, f"{named} is to be a number from 1 to {most}", code=named)
    return int(found)
