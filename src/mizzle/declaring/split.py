"""What of a catalog the models say, what has to be there before them, and so what is left for SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from mizzle.catalog import prune
from mizzle.catalog.address import Address
from mizzle.catalog.aggregate import Aggregate
from mizzle.catalog.cast import Cast
from mizzle.catalog.catalog import Catalog
from mizzle.catalog.collation import Collation
from mizzle.catalog.column import Column
from mizzle.catalog.composite import Composite
from mizzle.catalog.constraint import Check, Exclusion, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.domain import Domain
from mizzle.catalog.enum import Enum
from mizzle.catalog.extension import Extension
from mizzle.catalog.index import Index
from mizzle.catalog.operator import Operator
from mizzle.catalog.range_type import RangeType
from mizzle.catalog.routine import Routine
from mizzle.catalog.sequence import Sequence, default_options
from mizzle.catalog.table import Part, Table
from mizzle.catalog.text_search import Configuration, Dictionary
from mizzle.declaring.definitions import checked, excluded, indexed, keyed
from mizzle.names import default_name, dotted, literal

_EARLY = (
    Extension
    | Enum
    | Sequence
    | Domain
    | Composite
    | RangeType
    | Routine
    | Aggregate
    | Cast
    | Operator
    | Collation
    | Dictionary
    | Configuration
)
"""What can be there before any table: the rest needs tables, or is nothing that a table needs."""

_TYPES = frozenset({"type", "domain", "composite type", "range type", "extension", "collation"})


@dataclass(frozen=True, slots=True)
class Split:
    """`tables` as the models say them, less what they leave; `enums` that they make; what is made `before` them."""

    tables: tuple[Table, ...]
    enums: tuple[Enum, ...]
    before: Catalog
    left: frozenset[Address]

    def says(self) -> Iterator[Address]:
        """Yield the address of each table and part that the models say."""
        for table in self.tables:
            yield table.address
            yield from (where for where, _ in table.parts())


def split(catalog: Catalog, left: Collection[Address] = ()) -> Split:
    """Divide a catalog; what is at `left` the models do not say: a table, a part of one, of a column its default."""
    leaving = set(left)
    while True:
        tables = tuple(_said(catalog, leaving))
        early, impossible = _Needs(catalog, leaving).of(tables)
        if not impossible:
            break
        leaving |= impossible
    early |= {Address("extension", (each.name,)) for each in catalog.extensions}
    early |= {Address("type", (each.schema, each.name)) for each in catalog.enums if not each.labels}
    made = tuple(each for each in catalog.enums if Address("type", (each.schema, each.name)) not in early)
    used = {column.type.removesuffix("[]") for table in tables for column in table.columns}
    enums = tuple(each for each in made if dotted(each.schema, each.name) in used)
    # Who reads models makes the schemas of their tables, and no other.
    alone = {each.schema for each in enums} - {each.schema for each in tables}
    return Split(tables, enums, _before(catalog, early, alone), frozenset(leaving))


class Serials:
    """Knows which columns are just what SERIAL, SMALLSERIAL or BIGSERIAL makes, as far as SQLAlchemy writes it."""

    def __init__(self, catalog: Catalog) -> None:
        self._sequences = {(each.schema, each.name): replace(each, comment=None) for each in catalog.sequences}

    def has(self, table: Table, column: Column) -> bool:
        """Say whether a column is one: it stands first in the primary key, where SQLAlchemy puts it."""
        key = table.primary_key
        if key is None or column.name != next(iter(keyed(key.definition).columns), ""):
            return False
        if column.type not in {"smallint", "integer", "bigint"} or column.nullable:
            return False
        name = default_name(table.name, (column.name,), "seq")
        called = f"nextval({literal(dotted(table.schema, name))}::regclass)"
        owner = (table.schema, table.name, column.name)
        usual = Sequence(table.schema, name, default_options(column.type), owner)
        return column.default == called and self._sequences.get((table.schema, name)) == usual


def _said(catalog: Catalog, left: Collection[Address]) -> Iterator[Table]:
    tables = [each for each in catalog.tables if _is_whole(each) and each.address not in left]
    keys = {each.address: frozenset(_keys(each, left)) for each in tables}
    for table in tables:
        kept = frozenset(where for where, part in table.parts() if where not in left and _can_say(part))
        columns = tuple(
            each if table.address_of(each) not in left else replace(each, default=None) for each in table.columns
        )
        key = table.primary_key
        yield replace(
            table,
            columns=columns,
            primary_key=key if key is not None and table.address_of(key) in kept else None,
            uniques=tuple(_different(table, (each for each in table.uniques if table.address_of(each) in kept))),
            checks=tuple(each for each in table.checks if table.address_of(each) in kept),
            exclusions=tuple(each for each in table.exclusions if table.address_of(each) in kept),
            foreign_keys=tuple(
                each
                for each in table.foreign_keys
                if table.address_of(each) in kept and _can_refer(each, table, left, keys)
            ),
            indexes=tuple(each for each in table.indexes if table.address_of(each) in kept),
        )


def _different(table: Table, uniques: Iterable[Unique]) -> Iterator[Unique]:
    """Yield those that are not of the same columns as another or the primary key: in one statement they become one."""
    seen = set[tuple[str, ...]]() if table.primary_key is None else {keyed(table.primary_key.definition).columns}
    for each in uniques:
        columns = keyed(each.definition).columns
        if columns not in seen:
            seen.add(columns)
            yield each


def _is_whole(table: Table) -> bool:
    return not table.inherits and table.bound is None


def _keys(table: Table, left: Collection[Address], *, indexes: bool = True) -> Iterator[frozenset[str]]:
    """Yield the columns of each key that the models say of a table: what foreign keys may refer to."""
    for where, part in table.parts():
        match part:
            case PrimaryKey() | Unique() if where not in left and _can_say(part):
                yield frozenset(keyed(part.definition).columns)
            case Index(unique=True) if indexes and where not in left and _can_say(part) and not indexed(part).where:
                yield frozenset(indexed(part).columns)
            case _:
                pass


def _can_say(part: Part) -> bool:
    """Say whether SQLAlchemy has words for a part."""
    match part:
        case Column():
            return True
        case PrimaryKey() | Unique():
            found = keyed(part.definition)
            return bool(found.columns) and not found.rest and not part.options
        case Check():
            return checked(part) is not None
        case Exclusion():
            found = excluded(part.definition)
            return not found.rest and not part.options
        case ForeignKey():
            dots = any("." in each for each in (part.ref_schema, part.ref_table, *part.ref_columns))
            return part.validated and part.enforced and not part.period and not dots
        case Index():
            return part.valid


def _can_refer(
    key: ForeignKey, table: Table, left: Collection[Address], keys: Mapping[Address, frozenset[frozenset[str]]]
) -> bool:
    """Say whether the models say the key that a foreign key refers to, and early enough."""
    wanted = frozenset(key.ref_columns)
    if key.referenced == table.address:  # the indexes of a table are made behind it
        return wanted in _keys(table, left, indexes=False)
    return wanted in keys.get(key.referenced, ())


class _Needs:
    """What objects need of each other, as far as that is there before the tables."""

    def __init__(self, catalog: Catalog, left: Collection[Address]) -> None:
        self._left = left
        self._serials = Serials(catalog)
        self._objects = dict(catalog.top_level())
        self._needs: defaultdict[Address, set[Address]] = defaultdict(set)
        for each in catalog.dependencies:
            self._needs[each.dependent].add(each.referenced)

    def of(self, tables: Collection[Table]) -> tuple[set[Address], set[Address]]:
        """Return what has to be there before `tables`, and what of them needs what cannot be."""
        early: set[Address] = set()
        impossible: set[Address] = set()
        for table in tables:
            for where, part in ((table.address, None), *table.parts()):
                for needed in self._needs[where]:
                    if self._is_said(table, part, needed):
                        continue
                    found = self._reached(needed)
                    if found is not None:
                        early |= found if needed.kind != "type" else found - {needed}
                    elif isinstance(part, Column) and part.default is None:
                        impossible.add(table.address)
                    else:
                        impossible.add(where)
        return early, impossible - {*self._left}

    def _is_said(self, table: Table, part: Part | None, needed: Address) -> bool:
        """Say whether what a part needs is said by the models too, or by nobody as long as the part is left."""
        if needed == table.address or isinstance(part, ForeignKey):
            return True
        if isinstance(part, Column):
            if needed.kind == "sequence" and self._serials.has(table, part):
                return True
            if table.address_of(part) in self._left and needed.kind not in _TYPES:
                return True
            return needed.kind == "column" and needed.names[:2] == table.address.names
        return needed.table == table.address if needed.table is not None else False

    def _reached(self, first: Address) -> set[Address] | None:
        """Return an object and all that it needs; None where that is not all there before the tables."""
        found, waiting = {first}, [first]
        while waiting:
            where = waiting.pop()
            if not isinstance(self._objects.get(where), _EARLY):
                return None
            more = self._needs[where] - found
            found |= more
            waiting.extend(more)
        return found


def _before(catalog: Catalog, early: Collection[Address], also: Collection[str]) -> Catalog:
    """Return what is `early`, with its schemas, and those in `also`."""
    schemas = {Address("schema", (name,)) for name in (*also, *(where.schema for where in early if where.schema))}
    found = prune.keep(catalog, lambda where: where in early or where in schemas)
    extensions = {each.schema for each in found.extensions}
    return replace(
        found,
        schemas=tuple(s for s in catalog.schemas if s in found.schemas or s.name in extensions),
        sequences=tuple(replace(each, owned_by=None) for each in found.sequences),
        also=(),
    )
