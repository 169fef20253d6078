"""Pages of a table by key, not by number: each begins behind the last row of the one before, however far that is.

With OFFSET PostgreSQL reads all that it leaves out; a condition on the key lets an index begin in the right place. A
column that may be NULL is read in two runs, first what is not, then what is: each has one order that an index of that
column serves, forward and backward, and NULL comes last both ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from mizzle.studio.filters import ALIAS
from mizzle.studio.refused import Refused
from mizzle.studio.relations import Column, Relation
from mizzle.studio.sql import Sql, joined, name, type_

DEEPEST = 10_000
"""How far a relation can be paged that has nothing to go by, as a view has not."""


class Order(msgspec.Struct, frozen=True):
    """By which column, the key's order where it is empty."""

    column: str = ""
    descending: bool = False


class Place(msgspec.Struct, frozen=True):
    """Where a page begins: behind the row of this sort value and key, or at an end of the table.

    `back`: the page ends before it. `sort` is None at an end, and where the value is NULL (`null`); `offset` is all
    that there is where rows have no key.
    """

    key: list[str] | None = None
    sort: str | None = None
    null: bool = False
    back: bool = False
    offset: int = 0


def parse_place(text: str) -> Place:
    """Read a place from what a page was given before. Raises Refused for what is none."""
    if not text:
        return Place()
    try:
        return msgspec.json.decode(text, type=Place)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refused(400, f"this is no place in a table: {error}", code="place") from error


@dataclass(frozen=True)
class Run:
    """One query of a page: `condition`, `order`, and whether it yields the rows with NULL."""

    condition: Sql
    order: str
    nulls: bool = False


@dataclass(frozen=True)
class Paging:
    """How a relation is paged in an order."""

    relation: Relation
    order: Order

    @property
    def by(self) -> Literal["key", "place", "offset"]:
        """What tells where a row stands: its key, its place in the heap, or no more than how many are before it."""
        return "key" if self.relation.key else "place" if self.relation.is_heap else "offset"

    @property
    def sort(self) -> Column | None:
        """The column to sort by, unless that is the key itself. Raises Refused where its type has no order."""
        if not self.order.column:
            return None
        column = self.relation.column(self.order.column)
        if not column.ordered:
            raise Refused(400, f"{column.type} cannot be sorted", code="order")
        return None if self.relation.key == (column.name,) else column

    def key_sql(self) -> list[str]:
        """Return what tells a row from all others, as expressions."""
        if self.relation.key:
            return [f"{ALIAS}.{name(each)}" for each in self.relation.key]
        return [f"{ALIAS}.ctid"] if self.relation.is_heap else []

    def runs(self, place: Place) -> Iterator[Run]:
        """Yield the queries that make the page at `place`, in order, until it is full."""
        sort = self.sort
        falling = self.order.descending != place.back
        if self.by == "offset":
            yield Run(Sql(""), self._plain_order(sort))
            return
        if sort is None:
            yield Run(self._beyond(place, [], falling=falling), self._ordered([], falling=falling))
            return
        of = f"{ALIAS}.{name(sort.name)}"
        values = Run(self._values(place, sort, of, falling=falling), self._ordered([of], falling=falling))
        if not sort.nullable:
            yield values
            return
        nulls = Run(self._nulls(place, of, falling=falling), self._ordered([], falling=falling), nulls=True)
        at_end = place.key is None
        first, second = (nulls, values) if place.back else (values, nulls)
        if at_end or place.null == first.nulls:
            yield first
        yield second

    def _values(self, place: Place, sort: Column, of: str, *, falling: bool) -> Sql:
        known = Sql(f"{of} IS NOT NULL") if sort.nullable else Sql("")
        if place.key is None or place.null:
            return known
        if place.sort is None:
            raise Refused(400, "this is no place in a table: it has no value to begin at", code="place")
        start = [(of, Sql(f"%s::{type_(sort.cast)}", (place.sort,)))]
        return joined(" AND ", [known, self._beyond(place, start, falling=falling)])

    def _nulls(self, place: Place, of: str, *, falling: bool) -> Sql:
        missing = Sql(f"{of} IS NULL")
        return joined(" AND ", [missing, self._beyond(place, [], falling=falling)]) if place.null else missing

    def _beyond(self, place: Place, start: Sequence[tuple[str, Sql]], *, falling: bool) -> Sql:
        """Return the row comparison that begins behind a place; an index on its first columns serves it."""
        if place.key is None:
            # From the very first place, PostgreSQL reads a heap in order, and not where another scan happens to be.
            return Sql(f"{ALIAS}.ctid >= '(0,0)'::pg_catalog.tid") if self.by == "place" and not start else Sql("")
        pairs = [*start, *zip(self.key_sql(), self._key_values(place.key), strict=True)]
        left = ", ".join(of for of, _ in pairs)
        right = joined(", ", (value for _, value in pairs))
        return Sql(f"({left}) {'<' if falling else '>'} ({right.text})", right.params)

    def _key_values(self, key: Sequence[str]) -> list[Sql]:
        if len(key) != len(self.key_sql()):
            raise Refused(400, "this is no place in this table", code="place")
        if not self.relation.key:
            return [Sql("%s::pg_catalog.tid", (key[0],))]
        types = (type_(self.relation.by_name[each].cast) for each in self.relation.key)
        return [Sql(f"%s::{each}", (part,)) for each, part in zip(types, key, strict=True)]

    def _ordered(self, start: Sequence[str], *, falling: bool) -> str:
        """Return ORDER BY. A heap that is read from a place onwards comes in order: sorting would read all of it."""
        if self.by == "place" and not start and not falling:
            return ""
        way = " DESC" if falling else ""
        return " ORDER BY " + ", ".join(f"{each}{way}" for each in [*start, *self.key_sql()])

    def _plain_order(self, sort: Column | None) -> str:
        if sort is None:
            return ""
        return f" ORDER BY {ALIAS}.{name(sort.name)}{' DESC' if self.order.descending else ''} NULLS LAST"
