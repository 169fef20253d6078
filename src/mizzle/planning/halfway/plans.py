"""One change as two plans: expand, to a schema on which old and new code work, and contract, to the wanted one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import pairwise

from msgspec.structs import replace as told

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog
from mizzle.catalog.table import Table
from mizzle.differ.changes import Change
from mizzle.errors import Unsupported
from mizzle.planning.breaking import breaks
from mizzle.planning.halfway import standins, synchronized
from mizzle.planning.halfway.asked import PLAINLY, Asked, asked
from mizzle.planning.halfway.catalogs import Compatible, begun, compatible, half_way_catalog, half_way_tables
from mizzle.planning.halfway.tables import nullable
from mizzle.planning.plan import Plan, plan
from mizzle.planning.steps import Hazard, HazardCode, Statement, Step

Names = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Halves:
    """A change in two: what was asked, the schema half way, and what stands there for the sake of old code."""

    asked: Asked
    middle: Catalog
    more: Compatible
    major: int

    def expand(self) -> tuple[Plan, Plan]:
        """Return the plan that leads half way, and the one back from there."""
        asked, old = self.asked, self.asked.old
        first = begun(asked.base, self.middle, asked, self.more, back=False)
        start = plan(old, first, renames=asked.renames, major=self.major)
        rest = plan(first, self.middle, major=self.major)
        steps = (*_with_grants(start.steps, self), *self._filled(first, back=False), *map(_unasked, rest.steps))
        forward = Plan(old, self.middle, _changes(start, rest), _harmless(steps), _pairs(asked.renames), self.major)
        return forward, self._back()

    def contract(self, middle: Catalog) -> tuple[Plan, Plan]:
        """Return the plan from half way, as it was read, to the end, and the one back.

        What only old code needs goes first, so that the names of its indexes are free for their twins.
        """
        new = self.asked.new
        loose = self._loosened(middle)
        without = self._without_old(loose)
        plans = [plan(*each, major=self.major) for each in pairwise((middle, loose, without, new))]
        kept = frozenset(str(Address("column", (*p.table.address.names, p.old.name))) for p in self.more.pairs)
        quiet = frozenset(f(p).address for p in self.more.pairs for f in (synchronized.trigger, synchronized.function))
        told_not = frozenset(map(str, quiet))
        steps = (_without(step, kept, told_not, self._converted()) for each in plans for step in each.steps)
        forward = Plan(middle, new, _changes(*plans), (*self._relabeled(), *steps), (), self.major)
        first = begun(without, middle, self.asked, self.more, back=True)
        ways = [plan(*each, major=self.major) for each in ((new, without), (without, first), (first, middle))]
        before, start, end = (each.steps for each in ways)
        filled = self._filled(first, back=True)
        undo = (*before, *_with_grants(start, self), *filled, *map(_unasked, end))
        return forward, Plan(new, middle, _changes(*ways), undo, (), self.major)

    def _loosened(self, middle: Catalog) -> Catalog:
        """Return the schema half way so that its triggers may go: old columns may be empty, new ones have defaults."""
        tables: list[Table] = []
        for table in middle.tables:
            keys = table.primary_key.columns if table.primary_key else ()
            left = {pair.old.name for pair in self.asked.pairs_of(table.address)} - {*keys}
            checks = tuple(each for each in table.checks if not left & {*each.columns})
            given = {pair.new.name: pair.new.default for pair in self.asked.pairs_of(table.address)}
            columns = tuple(
                nullable(each) if each.name in left else replace(each, default=given.get(each.name, each.default))
                for each in table.columns
            )
            tables.append(replace(table, columns=columns, checks=checks) if left else table)
        return replace(middle, tables=tuple(tables))

    def _without_old(self, middle: Catalog) -> Catalog:
        """Return the schema half way without what stands there for the sake of old code alone."""
        gone = {synchronized.trigger(pair).address for pair in self.more.pairs}
        gone |= {synchronized.function(pair).address for pair in self.more.pairs}
        catalog = self._without_views(middle)
        return replace(
            _seen(catalog, self.asked, new=True),
            triggers=tuple(each for each in catalog.triggers if each.address not in gone),
            routines=tuple(each for each in catalog.routines if each.address not in gone),
            dependencies=tuple(each for each in catalog.dependencies if each.dependent not in gone),
        )

    def _without_views(self, middle: Catalog) -> Catalog:
        views = {view.address for view, _ in self.more.views}
        return replace(
            middle,
            views=tuple(each for each in middle.views if each.address not in views),
            grants=tuple(each for each in middle.grants if each.subject not in views),
            dependencies=tuple(each for each in middle.dependencies if each.dependent not in views),
        )

    def _back(self) -> Plan:
        """Return the way back from half way: the views give their names free before the tables take them again."""
        without = self._without_views(self.middle)
        first = plan(self.middle, without, major=self.major)
        rest = plan(self.asked.old, without, renames=self.asked.renames, major=self.major).undo()
        steps = _together(first.steps, rest.steps)
        return Plan(self.middle, self.asked.old, _changes(first, rest), steps, rest.renames, self.major)

    def _filled(self, catalog: Catalog, *, back: bool) -> Iterator[Step]:
        tables = {table.address: table for table in catalog.tables}
        enums = frozenset(names.dotted(each.schema, each.name) for each in catalog.enums)
        for pair in self.more.pairs:
            table = tables[pair.table.address]
            yield synchronized.backfill(pair, table=table, back=back, enums=enums)

    def _relabeled(self) -> Iterator[Step]:
        """Yield what gives rows the new label of an enum for the old one."""
        for table, column, labels in self._labeled():
            for old, new in labels.items():
                name, before = names.ident(column), names.literal(old)
                where = address.column(table.schema, table.name, column)
                sql = f"UPDATE {table.address.sql} SET {name} = {names.literal(new)} WHERE {name} = {before}"
                yield synchronized.filling(table, sql, of=where)

    def _labeled(self) -> Iterator[tuple[Table, str, Mapping[str, str]]]:
        for table in self.asked.new.tables:
            for column in table.columns:
                for where, labels in self.asked.labels.items():
                    if column.type == where.sql:
                        yield table, column.name, labels

    def _converted(self) -> frozenset[str]:
        return frozenset(str(address.column(t.schema, t.name, column)) for t, column, _ in self._labeled())


def halves(old: Catalog, new: Catalog, *, renames: Names, major: int) -> Halves:
    """Return a change in two. Raises Unsupported, naming the object, where a part of it cannot be split."""
    change = asked(old, new, renames)
    tables = half_way_tables(change)
    more = compatible(change, tables, major=major)
    middle = half_way_catalog(change, tables, more)
    _serves(old, _seen(middle, change, new=False), change.renames, "code from before")
    _serves(new, _seen(middle, change, new=True), {}, "code from after")
    return Halves(change, middle, more, major)


def _seen(middle: Catalog, change: Asked, *, new: bool) -> Catalog:
    """Return the schema half way without the columns that code of one side does not know, and a trigger fills."""
    tables: list[Table] = []
    for table in middle.tables:
        pairs = change.pairs_of(table.address)
        hidden = {pair.old.name if new else pair.new.name for pair in pairs}
        tables.append(_without_columns(table, hidden) if hidden else table)
    return replace(middle, tables=tuple(tables))


def _without_columns(table: Table, hidden: AbstractSet[str]) -> Table:
    key = table.primary_key
    return replace(
        table,
        columns=tuple(each for each in table.columns if each.name not in hidden),
        order=tuple(each for each in table.order if each not in hidden),
        primary_key=None if key is not None and hidden & {*key.columns} else key,
        uniques=tuple(each for each in table.uniques if not hidden & {*each.columns}),
        checks=tuple(each for each in table.checks if not hidden & {*each.columns}),
        exclusions=tuple(each for each in table.exclusions if not hidden & {*each.columns}),
        foreign_keys=tuple(each for each in table.foreign_keys if not hidden & {*each.columns}),
        indexes=tuple(each for each in table.indexes if not hidden & {*each.columns}),
    )


def _serves(code: Catalog, middle: Catalog, renames: Names, whose: str) -> None:
    found = breaks(code, middle, renames=renames)
    if found:
        listed = tuple(dict.fromkeys(str(each.subject) for each in found))
        said = "; ".join(f"{each.relation.sql}: {each.what}" for each in found)
        raise Unsupported(
            f"this cannot be split into expand and contract: {whose} would fail half way: {said}",
            hint=PLAINLY,
            objects=listed,
        )


def _changes(*plans: Plan) -> tuple[Change, ...]:
    return tuple(change for each in plans for change in each.changes)


def _pairs(renames: Names) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(renames.items()))


def _with_grants(steps: tuple[Step, ...], halves: Halves) -> tuple[Step, ...]:
    """Let whoever may use a table use the view that stands in for it, where grants are not managed."""
    if "grants" in halves.middle.also or not halves.more.views:
        return steps
    made = {f"create {view.address}": standins.opened(view, major=halves.major) for view, _ in halves.more.views}
    return tuple(
        _of([each for statement in step.statements for each in (statement, *made.get(statement.change, ()))], step)
        for step in steps
    )


def _of(statements: Iterable[Statement], step: Step) -> Step:
    listed = tuple(statements)
    return told(step, sql="\n\n".join(f"{each.sql};" for each in listed), statements=listed)


def _harmless(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return the steps without what they would break: half way, nothing is."""
    return tuple(_filtered(step, _keeps_code) for step in steps)


def _keeps_code(hazard: Hazard) -> bool:
    return hazard.code is not HazardCode.BREAKS_OLD_CODE


def _filtered(step: Step, keep: Callable[[Hazard], bool]) -> Step:
    statements = tuple(told(each, hazards=tuple(filter(keep, each.hazards))) for each in step.statements)
    return told(step, statements=statements)


def _without(step: Step, kept: frozenset[str], quiet: frozenset[str], converted: frozenset[str]) -> Step:
    """Return a step that deletes no values that are in a column of another name, and demands no label of no row.

    Nobody calls what is `quiet`.
    """
    step = _filtered(step, lambda h: not (h.code is HazardCode.DELETES_DATA and h.subject in kept))
    step = _filtered(step, lambda h: h.subject not in quiet)
    statements = tuple(
        told(each, requires=tuple(r for r in each.requires if not _of_labels(r.sentence, converted)))
        for each in step.statements
    )
    return told(step, statements=statements)


def _unasked(step: Step) -> Step:
    """Return a step behind a backfill: what it demands is asked before all else, of columns that are not there then.

    The rows fulfil it: they do so under the column's other name.
    """
    return told(step, statements=tuple(told(each, requires=()) for each in step.statements))


def _of_labels(sentence: str, converted: frozenset[str]) -> bool:
    return sentence.startswith("no row has ") and any(sentence.endswith(f" in {where}") for where in converted)


def _together(first: tuple[Step, ...], rest: tuple[Step, ...]) -> tuple[Step, ...]:
    """Put the last of the first steps and the first of the others into one transaction."""
    if not first or not rest or not (first[-1].transaction and rest[0].transaction) or rest[0].backfill:
        return (*first, *rest)
    return (*first[:-1], _of((*first[-1].statements, *rest[0].statements), rest[0]), *rest[1:])


__all__ = ["Halves", "halves"]
