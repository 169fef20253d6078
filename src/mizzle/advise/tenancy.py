"""Which tables hold rows of tenants, and by which column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from mizzle import names
from mizzle.advise.facts import Column, Facts, ForeignKey, Table
from mizzle.errors import ConfigError, did_you_mean

_TENANTS = frozenset(
    {"tenant", "tenants", "organization", "organizations", "organisation", "organisations", "workspace", "workspaces"}
)
_USUAL = "tenant_id"
_FEWEST = 3
_SHARE = 0.25
"""A schema is multi-tenant where that many tables, and that share of all, refer to a table of tenants."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """A table whose rows are of tenants: the column that says whose, and the foreign key on it, if there is one."""

    table: Table
    column: Column
    key: ForeignKey | None


@dataclass(frozen=True, slots=True)
class Tenancy:
    """The table of tenants, and by oid the tables that refer to it with a column of their own; `guessed`: not told."""

    tenants: Table
    belongings: Mapping[int, Belonging]
    guessed: bool


def find(facts: Facts, setting: str) -> Tenancy | None:
    """Return who belongs to whom by the setting `tenants`, or as names and references tell it; None in other schemas.

    Raises ConfigError where the setting names no table, or several.
    """
    if setting:
        tenants = facts.by_name[chosen(setting, [(each.schema, each.name) for each in facts.ordinary()])]
        return Tenancy(tenants, _belongings(facts, tenants), guessed=False)
    likely = [table for table in facts.ordinary() if table.name.lower() in _TENANTS]
    found = [(table, _belongings(facts, table)) for table in likely]
    tables = sum(1 for _ in facts.ordinary())
    for tenants, belongings in sorted(found, key=lambda each: -len(each[1])):
        if len(belongings) >= max(_FEWEST, tables * _SHARE):
            return Tenancy(tenants, belongings, guessed=True)
    return None


def chosen(setting: str, tables: Collection[tuple[str, str]]) -> tuple[str, str]:
    """Return which of the tables, each as schema and name, the setting means; of equal names the one in `public`.

    Raises ConfigError where it means none, or several.
    """
    parts = names.parse(setting)
    found = [where for where in tables if parts in {where, where[1:]}]
    found = [where for where in found if where[0] == "public"] or found
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(names.dotted(*where) for where in found)
        raise ConfigError(f"tenants = {setting!r}: several tables are called so", hint=f"name one of {listed}")
    hint = did_you_mean(setting, [".".join(where) for where in tables]) or "name a table, such as public.tenants"
    raise ConfigError(f"tenants = {setting!r}: there is no such table", hint=hint)


def _belongings(facts: Facts, tenants: Table) -> Mapping[int, Belonging]:
    """Return the tables with a column that refers to the tenants, or that is called as most of these are."""
    direct = dict(_referring(facts, tenants))
    usual = Counter(each.column.name for each in direct.values()).most_common(1)
    name = usual[0][0] if usual else _USUAL
    types = {each.column.base for each in direct.values()}
    for table in facts.ordinary():
        column = table.named(name)
        if column is not None and table.oid not in direct and table.oid != tenants.oid and column.base in types:
            direct[table.oid] = Belonging(table, column, None)
    return direct


def _referring(facts: Facts, tenants: Table) -> Iterator[tuple[int, Belonging]]:
    """Yield tables with one foreign key to the tenants: of two, such as to and from, neither says whose."""
    keys = facts.referrers.get(tenants.oid, ())
    often = Counter(table.oid for table, key in keys if len(key.columns) == 1)
    for table, key in keys:
        if often[table.oid] == 1 and len(key.columns) == 1 and table.oid != tenants.oid:
            yield table.oid, Belonging(table, table.column(key.columns[0]), key)
