"""Renames that a person answered: found in the catalogs, checked, and applied to the old one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog, Object
from mizzle.differ.changes import Rename
from mizzle.differ.effects import applied
from mizzle.errors import ConfigError

Names = tuple[str, ...]

_KINDS = ("table", "type", "column", "value")


def renamed(old: Catalog, new: Catalog, renames: Mapping[str, str]) -> tuple[Catalog, tuple[Rename, ...]]:
    """Return `old` as it is after `renames` (columns and enum values before what they are in), and these as changes.

    A column may be named under its table's old name or its new one; so may a value under its type's. What has one of
    the new names now, to be renamed itself or dropped, is put aside first. Raises ConfigError for a name that `old`
    does not have, and for a new one that `new` does not have.
    """
    parsed = {names.parse(source): names.parse(target)[-1] for source, target in renames.items()}
    asked = dict(_resolved(old, parsed))
    for where, to in asked.items():
        _check_wanted(new, where, to, parsed)
    changes: list[Rename] = []
    while asked:
        objects = _nameable(old)
        where, to = min(asked.items(), key=lambda pair: (-len(pair[1].names), pair[1] in objects, pair))
        if to in objects:
            where, to = to, _aside(to, {*objects, *_nameable(new)})
        change = Rename(where, to, objects[where])
        old = applied(old, change)
        changes.append(change)
        wanted = asked.pop(where, to)
        if wanted != to:
            asked[to] = wanted
    return old, tuple(changes)


def _aside(where: Address, known: set[Address]) -> Address:
    """Return a free address beside `where`, for what must make room for another object."""
    outer = where.names[:-1]
    taken = {each.name for each in known if each.names[:-1] == outer}
    return Address(where.kind, (*outer, names.aside(where.name, taken)))


def _resolved(old: Catalog, parsed: Mapping[Names, str]) -> Iterator[tuple[Address, Address]]:
    """Yield where each thing is and where it goes, under the old name of what it is in."""
    objects = _nameable(old)
    outer = {(*source[:-1], target): source for source, target in parsed.items()}
    for source, target in parsed.items():
        where = _found(objects, source, outer)
        yield where, Address(where.kind, (*where.names[:-1], target))


def _found(objects: Mapping[Address, Object], source: Names, outer: Mapping[Names, Names]) -> Address:
    for parts in (source, (*outer.get(source[:-1], source[:-1]), source[-1])):
        for kind in _KINDS:
            if (where := Address(kind, parts)) in objects:
                return where
    raise ConfigError(
        f"cannot rename {names.dotted(*source)}: there is no table, column, type or enum value of that name",
        hint="name it as it is called before the change: schema.table, schema.table.column or schema.type.value",
    )


def _check_wanted(new: Catalog, where: Address, to: Address, parsed: Mapping[Names, str]) -> None:
    *outer, name = to.names
    if to.kind in {"column", "value"}:
        outer[1] = parsed.get(tuple(outer), outer[1])
    wanted = Address(to.kind, (*outer, name))
    if wanted not in _nameable(new):
        raise ConfigError(
            f"cannot rename {where} to {name}: the wanted schema has no {wanted}",
            hint="give the name that the models use now",
        )


def _nameable(catalog: Catalog) -> dict[Address, Object]:
    found: dict[Address, Object] = dict(catalog.objects())
    for enum in catalog.enums:
        found |= {Address("value", (enum.schema, enum.name, label)): enum for label in enum.labels}
    return found
