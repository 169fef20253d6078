"""The tenant lens: which rows of which tables belong to one tenant, by the foreign keys that lead to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mizzle.advise import tenancy
from mizzle.errors import ConfigError
from mizzle.studio.filters import ALIAS
from mizzle.studio.relations import Reference, Relation, Relations, Where
from mizzle.studio.sql import Sql, joined, name, type_

_USUAL = "tenant_id"
_LABELS = ("name", "title", "label", "slug", "email", "code")


@dataclass(frozen=True)
class Lens:
    """The table of tenants, and for each table that leads to it the way there: its references, one after the other."""

    tenants: Relation
    ways: Mapping[Where, tuple[Reference, ...]]

    @property
    def key(self) -> str:
        """The column that tells one tenant from the others."""
        return self.tenants.key[0]

    @property
    def label(self) -> str | None:
        """The column that says who a tenant is, for people."""
        texts = [column.name for column in self.tenants.columns if column.kind == "text"]
        return next((each for each in _LABELS if each in texts), next(iter(texts), None))

    def narrows(self, relation: Relation) -> bool:
        """Return whether it has rows of tenants."""
        return relation.where == self.tenants.where or relation.where in self.ways

    def condition(self, relation: Relation, tenant: str) -> Sql:
        """Return what holds for a tenant's rows of a table; nothing where the table leads to none."""
        value = Sql(f"%s::{type_(self.tenants.by_name[self.key].cast)}", (tenant,))
        if relation.where == self.tenants.where:
            return Sql(f"{ALIAS}.{name(self.key)} = ") + value
        way = self.ways.get(relation.where)
        return _along(way, ALIAS, value) if way else Sql("")


def find(relations: Relations, setting: str) -> Lens:
    """Return the lens for the setting `tenants`. Raises ConfigError where it names no table that can be one."""
    tenants = relations.by_name[tenancy.chosen(setting, list(relations.by_name))]
    if len(tenants.key) != 1:
        raise ConfigError(f"tenants = {setting!r}: it has no primary key of one column", hint="name another table")
    return Lens(tenants, dict(_ways(relations, tenants)))


def _ways(relations: Relations, tenants: Relation) -> Iterator[tuple[Where, tuple[Reference, ...]]]:
    """Yield each table that leads to the tenants with the shortest way there; of two, the one first by name."""
    seen = {tenants.where}
    ahead: deque[tuple[Where, tuple[Reference, ...]]] = deque()

    def take(reference: Reference, rest: tuple[Reference, ...]) -> Iterator[tuple[Where, tuple[Reference, ...]]]:
        if reference.table not in seen:
            seen.add(reference.table)
            ahead.append((reference.table, (reference, *rest)))
            yield ahead[-1]

    direct = [*relations.inbound.get(tenants.where, ()), *_unconstrained(relations, tenants)]
    for reference in direct:
        if reference.target_columns == tenants.key:
            yield from take(reference, ())
    while ahead:
        where, way = ahead.popleft()
        for reference in relations.inbound.get(where, ()):
            yield from take(reference, way)


def _unconstrained(relations: Relations, tenants: Relation) -> Iterator[Reference]:
    """Yield what a column named as those of the foreign keys would refer to, where there is no constraint on it."""
    usual = {ref.columns[0] for ref in relations.inbound.get(tenants.where, ()) if len(ref.columns) == 1} | {_USUAL}
    kind = tenants.by_name[tenants.key[0]].type
    for relation in relations.by_name.values():
        for column in relation.columns:
            if column.name in usual and column.type == kind and relation.where != tenants.where:
                yield Reference("", relation.where, (column.name,), tenants.where, tenants.key)


def _along(way: tuple[Reference, ...], alias: str, tenant: Sql) -> Sql:
    """Return the condition that a row of `alias` leads to the tenant along `way`."""
    first, rest = way[0], way[1:]
    if not rest:
        return Sql(f"{name(alias)}.{name(first.columns[0])} = ") + tenant
    inner = f"{alias}{len(rest)}"
    pairs = (
        Sql(f"{name(inner)}.{name(to)} = {name(alias)}.{name(of)}")
        for of, to in zip(first.columns, first.target_columns, strict=True)
    )
    matched = joined(" AND ", [*pairs, _along(rest, inner, tenant)])
    return Sql(f"EXISTS (SELECT FROM {name(*first.target)} {name(inner)} WHERE ") + matched + ")"
