"""Which models of the application would break against the wanted schema, for people: a line for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import msgspec

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.differ.renames import Answers
from mizzle.planning.breaking import Break, breaks
from mizzle.planning.plan import Plan
from mizzle.project.sources import Sources
from mizzle.sources import mapped


class BrokenModel(msgspec.Struct, frozen=True):
    """A relation, by its old name, that old code fails on: its class, if the models still have it, and what breaks."""

    relation: Address
    model: str
    breaks: tuple[Break, ...]

    def __str__(self) -> str:
        named = f"{self.relation.sql} ({self.model})" if self.model else self.relation.sql
        return f"{named}: {'; '.join(dict.fromkeys(each.what for each in self.breaks))}"


def broken_models(plan: Plan, sources: Sources) -> tuple[BrokenModel, ...]:
    """Return what of the old code breaks by a plan, relation after relation."""
    renames = dict(plan.renames)
    found, answers = breaks(plan.old, plan.new, renames=renames), Answers.of(renames)
    by: defaultdict[Address, list[Break]] = defaultdict(list)
    for each in found:
        by[each.relation].append(each)
    known: Mapping[str, str] = _classes(sources) if by else {}
    models = {where: known.get(names.dotted(*answers.final(where.names)), "") for where in by}
    return tuple(BrokenModel(where, models[where], tuple(listed)) for where, listed in by.items())


def _classes(sources: Sources) -> Mapping[str, str]:
    """Return the classes of the models by their tables; of a table with several, none."""
    known = mapped.read(sources.ddl)
    tables = [each.table for each in known]
    return {each.table: each.name for each in known if tables.count(each.table) == 1}
