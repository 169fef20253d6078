"""Foreign keys between mapped tables as relationships, on both sides."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count

from mizzle.catalog.address import Address
from mizzle.catalog.constraint import ForeignKey
from mizzle.catalog.table import Table
from mizzle.declaring import words
from mizzle.declaring.definitions import indexed, keyed
from mizzle.declaring.entities import Entity
from mizzle.declaring.layout import Code, Text, call, quoted

_KEY_ENDINGS = ("_id", "_uuid", "_pk", "_fk", "_code", "_key", "Id", "ID")


@dataclass
class Relationship:
    """One side of a relation, an attribute `name` of the class of `owner`."""

    owner: Entity
    other: Entity
    key: ForeignKey
    name: str
    annotation: str
    many: bool = False
    back: Relationship | None = None
    secondary: str = ""
    joins: tuple[str, str] = ("", "")
    foreign_keys: str = ""
    remote_side: str = ""
    writes: frozenset[tuple[Address, str]] = frozenset()
    overlaps: tuple[str, ...] = field(default=())

    def code(self) -> Code:
        """Return the value of the attribute."""
        return call(
            "relationship",
            secondary=self.secondary or None,
            primaryjoin=self.joins[0] or None,
            secondaryjoin=self.joins[1] or None,
            foreign_keys=Text(self.foreign_keys) if self.foreign_keys else None,
            remote_side=Text(self.remote_side) if self.remote_side else None,
            back_populates=Text(self.back.name) if self.back is not None else None,
            overlaps=Text(",".join(self.overlaps)) if self.overlaps else None,
        )


def relationships(entities: Mapping[Address, Entity], reserved: Collection[str]) -> dict[Address, list[Relationship]]:
    """Return the relationships of each mapped table, by its address; none of them is called as what is `reserved`."""
    made = _Made(entities)
    for entity in entities.values():
        for key in _ordered(entity.table) if entity.mapped else ():
            made.along(entity, key)
    for entity in entities.values():
        if entity.link:
            made.across(entity)
    return made.named(reserved)


def is_link(table: Table) -> bool:
    """Say whether a table has nothing but two foreign keys, which are its primary key where it has one."""
    if len(table.foreign_keys) != 2:  # noqa: PLR2004 - from one side to the other
        return False
    first, second = (set(key.columns) for key in table.foreign_keys)
    own = {column.name for column in table.columns}
    key = table.primary_key
    whole = key is None or set(keyed(key.definition).columns) == own
    return not first & second and first | second == own and whole


class _Made:
    """Takes relationships, and gives them names when all are there."""

    def __init__(self, entities: Mapping[Address, Entity]) -> None:
        self._entities = entities
        self._pairs: list[tuple[Relationship, Relationship]] = []
        keys = (
            frozenset({entity.table.address, key.referenced})
            for entity in entities.values()
            if entity.mapped
            for key in entity.table.foreign_keys
        )
        self._between = Counter(keys)

    def along(self, entity: Entity, key: ForeignKey) -> None:
        """Take a foreign key of a mapped table."""
        other = self._entities.get(key.referenced)
        itself = entity is other and set(key.columns) == set(key.ref_columns)  # each row refers to itself
        if other is None or not other.mapped or itself:
            return
        table = entity.table
        nullable = any(column.nullable for column in table.columns if column.name in key.columns)
        one = _is_unique(table, key.columns)
        up = Relationship(entity, other, key, "", other.class_name + (" | None" if nullable else ""))
        down = Relationship(other, entity, key, "", entity.class_name, many=not one)
        down.annotation = f"{entity.class_name} | None" if one else f"list[{entity.class_name}]"
        if self._between[frozenset({table.address, key.referenced})] > 1:
            up.foreign_keys = down.foreign_keys = _columns(entity, key.columns)
        if entity is other:
            up.remote_side = _columns(other, key.ref_columns)
            down.remote_side = _columns(entity, key.columns) if set(key.columns) & set(key.ref_columns) else ""
        up.writes = down.writes = frozenset((table.address, column) for column in key.columns)
        self._take(up, down)

    def across(self, link: Entity) -> None:
        """Take a table that links two others, or one with itself."""
        first, second = _ordered(link.table)
        left, right = self._entities.get(first.referenced), self._entities.get(second.referenced)
        if left is None or right is None or not (left.mapped and right.mapped):
            return
        there = Relationship(left, right, second, "", f"list[{right.class_name}]", many=True, secondary=link.class_name)
        back = Relationship(right, left, first, "", f"list[{left.class_name}]", many=True, secondary=link.class_name)
        if left is right:
            joins = (_join(link, first, left), _join(link, second, right))
            there.joins, back.joins = joins, (joins[1], joins[0])
        there.writes = back.writes = frozenset((link.table.address, column.name) for column in link.table.columns)
        self._take(there, back)

    def named(self, reserved: Collection[str]) -> dict[Address, list[Relationship]]:
        """Return all, each with a name that nothing else in its class has."""
        found: defaultdict[Address, list[Relationship]] = defaultdict(list)
        taken = {where: {*entity.attributes.values(), *reserved} for where, entity in self._entities.items()}
        for side in (0, 1):  # those that stand where the key is come first: their names are the better ones
            for pair in self._pairs:
                each = pair[side]
                names = taken[each.owner.table.address]
                each.name = next(name for name in self._wanted(each, pair[1 - side], side) if name not in names)
                names.add(each.name)
                found[each.owner.table.address].append(each)
        self._overlapping()
        return found

    def _take(self, one: Relationship, other: Relationship) -> None:
        one.back, other.back = other, one
        self._pairs.append((one, other))

    def _wanted(self, each: Relationship, back: Relationship, side: int) -> Iterable[str]:
        """Yield names for a relationship, the best one first."""
        target = _snake(each.other.class_name)
        many = words.plural(target)
        stem = _stem(each.key)
        if each.secondary:
            first = words.plural(stem) if stem and each.owner is each.other else many
            named = [first, many, f"{each.secondary}_{many}"]
        elif side == 0:
            column = each.key.columns[-1]
            plain = [f"{_snake(column)}_{target}"] if not stem and each.owner is each.other else []
            stem = stem or target
            named = [*plain, stem, target, f"{stem}_{target}", f"{target}_{stem}"]
        else:
            base = many if each.many else target
            siblings = self._between[frozenset({each.owner.table.address, each.other.table.address})]
            named = [f"{back.name}_{base}"]
            if each.owner is each.other and back.name == "parent" and each.many:
                named = ["children", *named]
            elif siblings == 1 or (each.owner is not each.other and back.name == _snake(each.owner.class_name)):
                named = [base, *named]
        yield from map(words.attribute, named)
        yield from (f"{words.attribute(named[-1])}_{number}" for number in count(2))

    def _overlapping(self) -> None:
        """Tell each relationship of the others that write the same columns: SQLAlchemy warns where it is not told."""
        all_ = [each for pair in self._pairs for each in pair]
        by_column: defaultdict[tuple[Address, str], list[Relationship]] = defaultdict(list)
        for each in all_:
            for column in each.writes:
                by_column[column].append(each)
        for each in all_:
            others = {
                other.name
                for column in each.writes
                for other in by_column[column]
                if other is not each and other is not each.back
            }
            each.overlaps = tuple(sorted(others))


def _ordered(table: Table) -> list[ForeignKey]:
    place = {column.name: number for number, column in enumerate(table.ordered_columns)}
    return sorted(table.foreign_keys, key=lambda key: [place[column] for column in key.columns])


def _is_unique(table: Table, columns: tuple[str, ...]) -> bool:
    keys = [keyed(each.definition).columns for each in table.uniques]
    if table.primary_key is not None:
        keys.append(keyed(table.primary_key.definition).columns)
    keys += [indexed(each).columns for each in table.indexes if each.unique and not indexed(each).where]
    return any(key and set(key) <= set(columns) for key in keys)


def _columns(entity: Entity, columns: tuple[str, ...]) -> str:
    said = [f"{entity.class_name}.{entity.attributes[column]}" for column in columns]
    return said[0] if len(said) == 1 else f"[{', '.join(said)}]"


def _join(link: Entity, key: ForeignKey, other: Entity) -> str:
    pairs = zip(key.columns, key.ref_columns, strict=True)
    parts = [
        f"{other.class_name}.{other.attributes[ref]} == {link.class_name}.c[{quoted(column)}]" for column, ref in pairs
    ]
    return f"lambda: {parts[0]}" if len(parts) == 1 else f"lambda: sa.and_({', '.join(parts)})"


def _stem(key: ForeignKey) -> str:
    """Return what a key's column says of what it leads to: `author_id` → `author`; nothing where it does not."""
    column = key.columns[-1]
    for ending in _KEY_ENDINGS:
        if column.endswith(ending) and len(column) > len(ending):
            return _snake(column.removesuffix(ending).rstrip("_"))
    return ""


def _snake(name: str) -> str:
    parts = [
        ("_" if place and char.isupper() and not name[place - 1].isupper() and name[place - 1] != "_" else "") + char
        for place, char in enumerate(name)
    ]
    return "".join(parts).lower()
