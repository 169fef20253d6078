"""The rows of a table: a page of them, how many there may be, one whole, what refers to it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from psycopg import Error

from mizzle.studio import cells, filters
from mizzle.studio.asked import Page, Rows
from mizzle.studio.database import Connection, rows
from mizzle.studio.filters import ALIAS, Filter
from mizzle.studio.paging import DEEPEST, Paging, Place, Run
from mizzle.studio.refused import Refused
from mizzle.studio.relations import Column, Reference, Relation, Relations
from mizzle.studio.sql import Sql, all_of, name

Answer = dict[str, Any]

EXACT = 10_000
"""Rows that are counted one by one, where the planner says that it costs little; what is more is estimated."""
_CHEAP = 4_000.0
"""What a count may cost, in the planner's units: some ten milliseconds."""
_GATHERED = 30_000
_GATHERING = 150_000.0
"""Rows, and their cost in the planner's units, up to which those that the filters leave are gathered, then sorted.

Left to itself the planner may walk along the key until it has a page full: it takes what the filters leave to be as
many as in the mean, and of a small tenant among large ones it is not. Gathering takes what an index gives.
"""
_PREVIEW = 8


async def page(connection: Connection, asked: Page) -> Answer:
    """Return a page: the keys and cells of its rows, and the places of the pages before and after it."""
    began = time.monotonic()
    reader = _Reader(asked)
    found = await reader.rows(connection)
    more = len(found) > asked.limit
    found = found[: asked.limit]
    if asked.place.back:
        found.reverse()
    return {
        "keys": [row.key for row in found],
        "rows": [row.cells for row in found],
        **reader.neighbours(found, more=more),
        "sql": reader.told,
        "ms": round((time.monotonic() - began) * 1000, 1),
    }


class _Row:
    """A row as it was read: the texts of its key, its sort value, its cells."""

    __slots__ = ("cells", "key", "null", "sort")

    def __init__(self, key: list[str], sort: str | None, *, null: bool, shown: list[cells.Cell]) -> None:
        self.key, self.sort, self.null, self.cells = key, sort, null, shown

    def place(self, *, back: bool) -> Place:
        """The place before or behind it."""
        return Place(self.key, self.sort, null=self.null, back=back)


class _Reader:
    """Reads one page, run after run."""

    def __init__(self, asked: Page) -> None:
        self._asked = asked
        self._relation = asked.rows.relation
        self._paging = Paging(self._relation, asked.order)
        self._cut = cells.cut_at(self._relation.columns)
        self.told = ""

    async def rows(self, connection: Connection) -> list[_Row]:
        """Return the rows of the page and one more, in the order they were read in."""
        found: list[_Row] = []
        gathered = await self._gather(connection)
        for run in self._paging.runs(self._asked.place):
            wanted = self._asked.limit + 1 - len(found)
            found += await self._run(connection, run, wanted, gathered=gathered)
            if len(found) > self._asked.limit:
                break
        return found

    def neighbours(self, found: Sequence[_Row], *, more: bool) -> Answer:
        """Return the places of the page before and the page after; None where there is none."""
        place = self._asked.place
        if self._paging.by == "offset":
            before = Place(offset=max(0, place.offset - self._asked.limit)) if place.offset else None
            deeper = place.offset + self._asked.limit
            return {"previous": before, "next": Place(offset=deeper) if more and deeper < DEEPEST else None}
        inside = place.key is not None
        has_previous, has_next = (more, inside) if place.back else (inside, more)
        if not found:
            # Everything behind the place is gone meanwhile: the way back is from the end.
            return {"previous": Place(back=True) if inside else None, "next": None}
        return {
            "previous": found[0].place(back=True) if has_previous else None,
            "next": found[-1].place(back=False) if has_next else None,
        }

    async def _gather(self, connection: Connection) -> bool:
        """Return whether what the filters leave is little enough to be gathered first."""
        where = self._asked.rows.where()
        if not where or self._paging.by == "offset":
            return False
        plan = await _plan(connection, Sql(f" FROM {self._relation.sql} {ALIAS}") + where)
        return plan["Plan Rows"] <= _GATHERED and plan["Total Cost"] <= _GATHERING

    async def _run(self, connection: Connection, run: Run, limit: int, *, gathered: bool) -> list[_Row]:
        where = self._asked.rows.where(run.condition)
        offset = self._asked.place.offset if self._paging.by == "offset" else 0
        if offset > DEEPEST:
            hint = "narrow it down by a filter: it has no key to begin a page at"
            raise Refused(400, f"this can be paged to row {DEEPEST:,} only", hint=hint, code="place")
        tail = f"{run.order} LIMIT {limit}" + (f" OFFSET {offset}" if offset else "")
        self.told = self.told or f"SELECT * FROM {name(*self._relation.where)} {ALIAS}{where.text}{tail}".replace(
            "%%", "%"
        )
        from_ = Sql(f"{self._relation.sql} {ALIAS}") + where
        if gathered:
            place = f", {ALIAS}.ctid" if self._paging.by == "place" else ""
            inner = Sql(f"(SELECT {ALIAS}.*{place} FROM {self._relation.sql} {ALIAS}") + self._asked.rows.where()
            from_ = inner + f" OFFSET 0) {ALIAS}" + all_of([run.condition])  # OFFSET keeps PostgreSQL from merging both
        query = Sql(f"SELECT {self._selected()} FROM ") + from_ + tail
        return [self._row(row, null=run.nulls) for row in await rows(connection, query)]

    def _selected(self) -> str:
        sort = self._paging.sort
        keys = [f"{each}::pg_catalog.text" for each in self._paging.key_sql()]
        keys += [f"{ALIAS}.{name(sort.name)}::pg_catalog.text"] if sort is not None else []
        shown = [cells.selected(column, ALIAS, self._cut) for column in self._relation.columns]
        return ", ".join([*keys, *shown]) or "NULL"

    def _row(self, row: Sequence[Any], *, null: bool) -> _Row:
        width = len(self._paging.key_sql())
        key = list(row[:width])
        if self._paging.sort is not None:
            sort, rest = row[width], row[width + 1 :]
        else:
            sort, rest = None, row[width:]
        return _Row(key, sort, null=null, shown=cells.answered(self._relation.columns, rest, self._cut))


async def count(connection: Connection, asked: Rows) -> Answer:
    """Return how many rows there are: counted where that is cheap, else what the planner expects."""
    where = asked.where()
    from_ = Sql(f" FROM {asked.relation.sql} {ALIAS}") + where
    plan = await _plan(connection, from_)
    if plan["Total Cost"] <= _CHEAP:
        counted = Sql("SELECT count(*) FROM (SELECT 1") + from_ + f" LIMIT {EXACT + 1}) AS counted"
        found = (await rows(connection, counted))[0][0]
        if found <= EXACT:
            return {"rows": found, "exact": True}
    return {"rows": plan["Plan Rows"], "exact": False}


async def _plan(connection: Connection, from_: Sql) -> Answer:
    """Return how PostgreSQL would read all rows of a FROM clause."""
    return (await rows(connection, Sql("EXPLAIN (FORMAT JSON) SELECT 1") + from_))[0][0][0]["Plan"]


async def counts(connection: Connection, wanted: Sequence[Rows]) -> list[Answer]:
    """Return how many rows there are, of each."""
    return [await count(connection, each) for each in wanted]


async def preview(connection: Connection, asked: Rows) -> Answer:
    """Return the first columns of the first row, to be shown beside a reference to it."""
    columns = asked.relation.columns[:_PREVIEW]
    query = (
        Sql(f"SELECT {_shown(columns, cells.LONGEST)} FROM {asked.relation.sql} {ALIAS}") + asked.where() + " LIMIT 1"
    )
    found = await rows(connection, query)
    return {
        "columns": [column.name for column in columns],
        "more": len(asked.relation.columns) - len(columns),
        "row": cells.answered(columns, found[0], cells.LONGEST) if found else None,
    }


async def row(connection: Connection, relations: Relations, relation: Relation, key: Sequence[str]) -> Answer:
    """Return one row, with all of each value that a page can hold, and what refers to it."""
    cut = cells.UNREAD
    query = Sql(f"SELECT {_shown(relation.columns, cut)} FROM {relation.sql} {ALIAS}")
    found = await rows(connection, query + all_of([filters.of_row(relation, key)]))
    if not found:
        raise Refused(404, "this row is not there any more", hint="reload the page", code="no_row")
    values = cells.answered(relation.columns, found[0], cut)
    inbound = [
        await _inbound(connection, relations, each, relation, values) for each in _referring(relations, relation)
    ]
    return {"row": values, "inbound": [each for each in inbound if each is not None]}


async def value(connection: Connection, relation: Relation, key: Sequence[str], column: Column) -> Answer:
    """Return one value whole. Raises Refused for one that is larger than a page should take."""
    of = f"{ALIAS}.{name(column.name)}"
    where = all_of([filters.of_row(relation, key)])
    from_ = Sql(f" FROM {relation.sql} {ALIAS}") + where
    size = await rows(connection, Sql(f"SELECT pg_catalog.pg_column_size({of})") + from_)
    if not size:
        raise Refused(404, "this row is not there any more", hint="reload the page", code="no_row")
    if (size[0][0] or 0) > cells.WHOLE:
        message = f"the value has {size[0][0]:,} bytes"
        raise Refused(413, message, hint="export the row: COPY writes all of it", code="too_long")
    return {"value": (await rows(connection, Sql(f"SELECT {of}::pg_catalog.text") + from_))[0][0]}


def _shown(columns: Sequence[Column], cut: int) -> str:
    return ", ".join(cells.selected(column, ALIAS, cut) for column in columns) or "NULL"


def _referring(relations: Relations, relation: Relation) -> Sequence[Reference]:
    """Return the references to a table, but those of partitions, whose parent has them too."""
    found = relations.inbound.get(relation.where, ())
    return [each for each in found if relations.by_name[each.table].kind != "partition"]


async def _inbound(
    connection: Connection, relations: Relations, reference: Reference, relation: Relation, values: list[cells.Cell]
) -> Answer | None:
    """Return a reference to a row, with the filters that find the rows of it; None where it refers to no value."""
    by_name = dict(zip((column.name for column in relation.columns), values, strict=True))
    wanted = [by_name[each] for each in reference.target_columns]
    texts = [each for each in wanted if isinstance(each, str)]
    if len(texts) < len(wanted):
        return None
    given = tuple(Filter(column, "eq", text) for column, text in zip(reference.columns, texts, strict=True))
    table = relations.by_name[reference.table]
    asked = Rows(table, given)
    try:
        async with connection.transaction():
            found = await count(connection, asked)
    except Error:  # it takes too long to count, or may not be read: it is there all the same
        found = {"rows": None, "exact": False}
    return {"name": reference.name, "table": {"schema": table.schema, "name": table.name}, "filters": given, **found}
