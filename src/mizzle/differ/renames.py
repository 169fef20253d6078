"""Renames that a person answered: found in the catalogs, checked, and applied to the old one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog, Object
from mizzle.differ.changes import Rename
from mizzle.differ.effects import applied
from mizzle.errors import ConfigError

Names = tuple[str, ...]

PLACED = ("table", "view", "materialized view", "sequence", "type", "domain", "composite type", "range type")
"""Kinds of objects that can be renamed, and moved to another schema."""

_KINDS = (*PLACED, "column", "value", "schema")


def renamed(old: Catalog, new: Catalog, renames: Mapping[str, str]) -> tuple[Catalog, tuple[Rename, ...]]:
    """Return `old` as it is after `renames` (columns and enum values before what they are in), and these as changes.

    A column may be named under its table's old name or its new one; so may a value under its type's. A target with its
    schema is a move to there. What has one of the new names now, to be renamed itself or dropped, is put aside first.
    Raises ConfigError for a name that `old` does not have, and for a new one that `new` does not have.
    """
    found = dict(resolved(old, Answers.of(renames)))
    answers = Answers({where.names: target for where, target in found.items()})
    asked = {where: Address(where.kind, (*where.names[:-1], target[-1])) for where, target in found.items()}
    moved = {to: end for where, to in asked.items() if (end := _moved(where, to, answers)) is not None}
    wanted_objects = nameable(new) if asked else {}
    for where in asked:
        _check_wanted(wanted_objects, where, answers)
    changes: list[Rename] = []
    while asked:
        objects = nameable(old)
        where, to = min(asked.items(), key=lambda pair: (-len(pair[1].names), pair[1] in objects, pair))
        if to in objects and to != where:
            where, to = to, _aside(to, {*objects, *wanted_objects})
        if to != where:
            change = Rename(where, to, objects[where])
            old = applied(old, change)
            changes.append(change)
        wanted = asked.pop(where, to)
        if wanted != to:
            asked[to] = wanted
        elif to in moved:
            asked[to] = moved.pop(to)
    return old, tuple(changes)


def answer(gone: Address, to: Address) -> str:
    """Return the answer that `gone` is at `to` now: its new name, with its schema where that is another."""
    moved = gone.kind in PLACED and gone.names[0] != to.names[0]
    return to.sql if moved else names.ident(to.name)


@dataclass(frozen=True, slots=True)
class Answers:
    """What is called otherwise now: by old names, the new one alone, or for a move with its schema."""

    targets: Mapping[Names, Names]

    @classmethod
    def of(cls, renames: Mapping[str, str]) -> Self:
        """Read what a person says."""
        return cls({names.parse(source): names.parse(target) for source, target in renames.items()})

    def final(self, old: Names) -> Names:
        """Return how something is called after all renames and moves, from the names it has before them."""
        target = self.targets.get(old, old[-1:])
        if len(target) == len(old) or not old[:-1]:
            return target
        return (*self.final(old[:-1]), target[-1])

    def reversed(self) -> dict[str, str]:
        """Return the answers of the way back."""
        found: dict[str, str] = {}
        for source, target in self.targets.items():
            moved = len(target) == len(source) > 1
            found[names.dotted(*self.final(source))] = names.dotted(*(source if moved else source[-1:]))
        return found


def _moved(where: Address, to: Address, answers: Answers) -> Address | None:
    """Return where the object that was at `where` and is renamed to `to` goes from its schema; None where it stays."""
    final = answers.final(where.names)
    leaves = where.kind in PLACED and final[0] != answers.final(to.names[:1])[0]
    return Address(to.kind, final) if leaves else None


def _aside(where: Address, known: set[Address]) -> Address:
    """Return a free address beside `where`, for what must make room for another object."""
    outer = where.names[:-1]
    taken = {each.name for each in known if each.names[:-1] == outer}
    return Address(where.kind, (*outer, names.aside(where.name, taken)))


def resolved(old: Catalog, answers: Answers) -> Iterator[tuple[Address, Names]]:
    """Yield where each thing is, and what it is called then."""
    if not answers.targets:
        return
    objects = nameable(old)
    outer = {answers.final(source): source for source in answers.targets}
    for source, target in answers.targets.items():
        yield _found(objects, source, outer), target


def _found(objects: Mapping[Address, Object], source: Names, outer: Mapping[Names, Names]) -> Address:
    for parts in (source, (*outer.get(source[:-1], source[:-1]), source[-1])):
        for kind in _KINDS:
            if (where := Address(kind, parts)) in objects:
                return where
    raise ConfigError(
        f"cannot rename {names.dotted(*source)}: there is no table, column, type or anything else of that name",
        hint="name it as it is called before the change: schema.table, schema.table.column or schema.type.value",
    )


def _check_wanted(wanted: Mapping[Address, Object], where: Address, answers: Answers) -> None:
    final = Address(where.kind, answers.final(where.names))
    if final not in wanted:
        raise ConfigError(
            f"cannot rename {where} to {final.name}: the wanted schema has no {final}",
            hint="give the name that the models use now",
        )


def nameable(catalog: Catalog) -> dict[Address, Object]:
    """Return what can have another name, enum values among it."""
    found: dict[Address, Object] = dict(catalog.objects())
    for enum in catalog.enums:
        found |= {Address("value", (enum.schema, enum.name, label)): enum for label in enum.labels}
    return found
