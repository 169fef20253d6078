"""Renames that a person answered: found in the catalogs, checked, and applied to the old one."""

from __future__ import annotations

from collections.abc import Mapping

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

    A column may be named under its table's old name or its new one; so may a value under its type's. Raises ConfigError
    for a name that `old` does not have, a new name that is taken, and one that `new` does not have.
    """
    changes: list[Rename] = []
    parsed = {names.parse(source): names.parse(target)[-1] for source, target in renames.items()}
    outer = {(*source[:-1], target): source for source, target in parsed.items()}
    for source, target in sorted(parsed.items(), key=lambda pair: (-len(pair[0]), pair)):
        change = _resolve(old, source, target, outer)
        _check_wanted(new, change, parsed)
        old = applied(old, change)
        changes.append(change)
    return old, tuple(changes)


def _resolve(old: Catalog, source: Names, target: str, outer: Mapping[Names, Names]) -> Rename:
    objects = _nameable(old)
    for parts in (source, (*outer.get(source[:-1], source[:-1]), source[-1])):
        for kind in _KINDS:
            where, to = Address(kind, parts), Address(kind, (*parts[:-1], target))
            if where in objects and to in objects:
                raise ConfigError(f"cannot rename {where} to {target}: that name is taken", hint="give another name")
            if where in objects:
                return Rename(where, to, objects[where])
    raise ConfigError(
        f"cannot rename {names.dotted(*source)}: there is no table, column, type or enum value of that name",
        hint="name it as it is called before the change: schema.table, schema.table.column or schema.type.value",
    )


def _check_wanted(new: Catalog, change: Rename, parsed: Mapping[Names, str]) -> None:
    *outer, name = change.to.names
    if change.to.kind in {"column", "value"}:
        outer[1] = parsed.get(tuple(outer), outer[1])
    wanted = Address(change.to.kind, (*outer, name))
    if wanted not in _nameable(new):
        raise ConfigError(
            f"cannot rename {change.address} to {change.to.name}: the wanted schema has no {wanted}",
            hint="give the name that the models use now",
        )


def _nameable(catalog: Catalog) -> dict[Address, Object]:
    found: dict[Address, Object] = dict(catalog.objects())
    for enum in catalog.enums:
        found |= {Address("value", (enum.schema, enum.name, label)): enum for label in enum.labels}
    return found
