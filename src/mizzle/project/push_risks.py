"""What a push takes data from: each thing under the name that it has in the database now, and how to count its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog
from mizzle.catalog.table import Table
from mizzle.differ.changes import Rename
from mizzle.planning.plan import Plan
from mizzle.planning.recipes.composite import held_in
from mizzle.planning.requirements import required
from mizzle.planning.steps import CUTS, HazardCode
from mizzle.project import losses
from mizzle.project.losses import Loss
from mizzle.runner.connection import Connection


class Risk(msgspec.Struct, frozen=True):
    """Something that a plan deletes, or whose values it rounds or cuts (`cut`).

    `address` is where it is before the plan, `subject` what the plan's hazards and requirements call it. `queries`
    count the rows that lose something: their sum is the number.
    """

    address: Address
    subject: str
    queries: tuple[str, ...]
    cut: bool = False


def attributes(catalog: Catalog) -> frozenset[tuple[str, ...]]:
    """Return the names of the attributes of all composite types."""
    return frozenset((each.schema, each.name, name) for each in catalog.composites for name in each.attributes)


def risks(planned: Plan, live: Catalog) -> tuple[Risk, ...]:
    """Return what the plan takes data from, in order; not sequences, whose value no row holds."""
    renames = [change for change in planned.changes if isinstance(change, Rename)]
    asked = {each.subject: each.query for step in planned.steps for each in required(step) if each.subject}
    found: dict[str, Risk] = {}
    for hazard in planned.hazards:
        if hazard.code is not HazardCode.DELETES_DATA:
            continue
        cut, subject = hazard.message.startswith(CUTS), hazard.subject
        where = _before(address.parse(subject), renames)
        queries = (asked[subject],) if cut and subject in asked else tuple(_queries(where, live))
        if queries:
            found[subject] = Risk(where, subject, queries, cut)
    return tuple(sorted(found.values(), key=lambda each: each.address))


def counted(connection: Connection, at_risk: Iterable[Risk]) -> tuple[Loss, ...]:
    """Return what would be lost, as the rows are now. Raises DatabaseError where the role may not read all of them."""
    found = (
        Loss(each.address, losses.rows(connection, each.address, each.queries, doing="push"), each.cut)
        for each in at_risk
    )
    return tuple(loss for loss in found if loss.rows)


def _before(where: Address, renames: Sequence[Rename]) -> Address:
    """Return how something was called before `renames`, which were made one after the other."""
    for each in reversed(renames):
        length = len(each.to.names)
        inside = len(where.names) > length or where.kind == each.to.kind
        if inside and where.names[:length] == each.to.names:
            where = where._replace(names=(*each.address.names, *where.names[length:]))
    return where


def _queries(where: Address, live: Catalog) -> Iterator[str]:
    """Yield what counts the rows of a table, or those that hold something in a column or an attribute."""
    if where.kind in {"table", "column"}:
        yield losses.query(where)
    elif where.kind == "attribute":
        for table in live.tables:
            yield from _with_attribute(table, where, live)


def _with_attribute(table: Table, where: Address, live: Catalog) -> Iterator[str]:
    type_ = Address("composite type", where.names[:2])
    for column in table.columns:
        if held_in(column.type, type_, live):
            name = names.ident(column.name)
            value = f"({name}).{names.ident(where.name)}" if column.type == type_.sql else name
            yield f"SELECT count({value}) FROM {table.address.sql}"
