"""Rows of the catalog queries put together into objects, and the OIDs in pg_depend turned into addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Rows
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal

from mizzle import names
from mizzle.catalog import address, inheritance
from mizzle.catalog.access import SUBJECTS, Access, DefaultPrivileges, Grants, Owner, usual, usual_for_new
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog, Dependency
from mizzle.catalog.column import Column, Generated, Identity
from mizzle.catalog.constraint import Check, Constraint, Exclusion, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.defined import FIELDS, Defined, made
from mizzle.catalog.enum import Enum
from mizzle.catalog.extension import Extension
from mizzle.catalog.granted import granted
from mizzle.catalog.index import Index
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.schema import Schema
from mizzle.catalog.sequence import Options, Sequence
from mizzle.catalog.table import Table

Row = tuple[Any, ...]

_SUFFIXES = {"p": "pkey", "u": "key", "x": "excl", "": "idx"}
_BOUND = -3  # where a row of tables.sql says what a partition holds

# OIDs of system catalogs are fixed (src/include/catalog/pg_*.h, CATALOG lines).
_PG_TYPE, _PG_CLASS, _PG_ATTRDEF, _PG_CONSTRAINT, _PG_NAMESPACE, _PG_EXTENSION = 1247, 1259, 2604, 2606, 2615, 3079

_PUBLIC = 2200

_ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
_MATCHES = {"s": "SIMPLE", "f": "FULL", "p": "PARTIAL"}
_GENERATED: dict[str, Literal["stored", "virtual"]] = {"s": "stored", "v": "virtual"}


class Assembly:
    """Collects what the queries return; `catalog()` gives the finished, immutable result."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, int], Address] = {}
        self._owner: dict[Address, Address] = {}
        self._schemas: list[Schema] = []
        self._extensions: list[Extension] = []
        self._enums: list[Enum] = []
        self._sequences: list[Sequence] = []
        self._tables: dict[int, Row] = {}
        self._oids: dict[tuple[str, ...], int] = {}
        self._columns: dict[int, list[Column]] = defaultdict(list)
        self._names: dict[int, dict[int, str]] = defaultdict(dict)
        self._constraints: dict[int, list[Constraint]] = defaultdict(list)
        self._indexes: dict[int, list[Index]] = defaultdict(list)
        self._defined: dict[str, list[Defined]] = {name: [] for name in FIELDS.values()}
        self._holders: dict[int, Address] = {}
        self._attached: dict[int, list[tuple[str, str]]] = defaultdict(list)
        self._unmanaged: list[Address] = []
        self._dependencies: set[tuple[Address, Address]] = set()

    def unmanaged(self, rows: Rows[Row]) -> None:
        """Take (kind, names, class, oid)."""
        for kind, parts, class_oid, oid in rows:
            where = Address(kind, tuple(parts))
            self._unmanaged.append(where)
            self._known[class_oid, oid, 0] = where

    def schemas(self, rows: Rows[Row]) -> None:
        """Take (name, comment, oid)."""
        for name, comment, oid in rows:
            self._schemas.append(Schema(name, comment))
            self._known[_PG_NAMESPACE, oid, 0] = address.schema(name)

    def extensions(self, rows: Rows[Row]) -> None:
        """Take (name, schema, version, oid)."""
        for name, schema, version, oid in rows:
            self._extensions.append(Extension(name, schema, version))
            self._known[_PG_EXTENSION, oid, 0] = address.extension(name)

    def enums(self, rows: Rows[Row]) -> None:
        """Take (schema, name, labels, comment, oid)."""
        for schema, name, labels, comment, oid in rows:
            self._enums.append(Enum(schema, name, tuple(labels), comment))
            self._known[_PG_TYPE, oid, 0] = address.type_(schema, name)

    def sequences(self, rows: Rows[Row]) -> None:
        """Take the rows of sequences.sql."""
        for schema, name, *options, owner_schema, owner_table, owner_column, unlogged, comment, oid in rows:
            owner = None if owner_schema is None else (owner_schema, owner_table, owner_column)
            self._sequences.append(Sequence(schema, name, Options(*options), owner, unlogged, comment))
            self._known[_PG_CLASS, oid, 0] = address.sequence(schema, name)

    def tables(self, rows: Rows[Row]) -> list[int]:
        """Take the rows of tables.sql; return the OIDs of those that are managed."""
        for row in rows:
            schema, name, *_, sort, oid = row
            where = Address(sort, (schema, name)) if sort else address.table(schema, name)
            self._known[_PG_CLASS, oid, 0] = where
            if sort:
                self._unmanaged.append(where)
            else:
                self._tables[oid] = row
                self._holders[oid] = where
                self._oids[schema, name] = oid
        return list(self._tables)

    def columns(self, rows: Rows[Row]) -> None:
        """Take the rows of columns.sql, which come table by table."""
        alike: dict[Row, Column] = {}
        for oid, group in groupby(rows, key=itemgetter(0)):
            schema, table = self._tables[oid][:2]
            columns, names_ = self._columns[oid], self._names[oid]
            for row in group:
                name, (attnum, default_oid, sequence_oid) = row[1], row[-3:]
                columns.append(_column(row, alike))
                names_[attnum] = name
                where = Address("column", (schema, table, name))
                self._known[_PG_CLASS, oid, attnum] = where
                if default_oid is not None:
                    self._known[_PG_ATTRDEF, default_oid, 0] = where
                if sequence_oid is not None:
                    self._known[_PG_CLASS, sequence_oid, 0] = where

    def constraints(self, rows: Rows[Row]) -> None:
        """Take the rows of constraints.sql."""
        for row in rows:
            oid, kind, name = row[:3]
            constraint_oid, index_oid = row[-2:]
            self._constraints[oid].append(_constraint(row, self._names))
            where = Address("constraint", (*self._tables[oid][:2], name))
            self._known[_PG_CONSTRAINT, constraint_oid, 0] = where
            if kind in "pux":
                self._known[_PG_CLASS, index_oid, 0] = where

    def indexes(self, rows: Rows[Row]) -> None:
        """Take the rows of indexes.sql."""
        for oid, name, definition, unique, columns, more, valid, comment, keys, targets, index_oid in rows:
            names_ = self._names[oid]
            used = tuple(names_[number] for number in sorted({*columns, *more} - {0}))
            self._indexes[oid].append(
                Index(name, definition, unique, used, valid, comment, tuple(keys), _targets(targets))
            )
            where = address.index(self._holders[oid].names[0], name)
            self._owner[where] = self._holders[oid]
            self._known[_PG_CLASS, index_oid, 0] = where

    def attached(self, rows: Rows[Row]) -> None:
        """Take (table, name of the index at the root, own name, type of its constraint, columns of the index)."""
        for oid, root, name, constraint, columns in rows:
            key = () if constraint == "p" else tuple(columns)
            usual = names.default_name(self._tables[oid][1], key, _SUFFIXES[constraint])
            if name != usual:
                self._attached[oid].append((root, name))

    @property
    def partitions(self) -> list[int]:
        """The OIDs of partitions."""
        return [oid for oid, row in self._tables.items() if row[_BOUND] is not None]

    def defined(self, kind: type[Defined], rows: Rows[Row]) -> None:
        """Take the rows of a kind's own query: its fields, then class and OID, in turns, of what stands for it."""
        for row in rows:
            thing = made(kind, row)
            self._defined[FIELDS[kind]].append(thing)
            if isinstance(thing, MaterializedView):
                oid = row[-1][-1]
                self._holders[oid] = thing.address
                self._names[oid] = {number: column for number, (column, _) in enumerate(thing.columns, 1)}
            for class_oid, oid in zip(row[-1][::2], row[-1][1::2], strict=True):
                self._known[class_oid, oid, 0] = thing.address

    def access(self, kind: type[Access], rows: Rows[Row], major: int) -> None:
        """Take the rows of a query about roles; what is usual is left out, and what is of no object here."""
        if kind is DefaultPrivileges:
            for (schema, role, objects), grants in granted(rows, 3, major).items():
                each = DefaultPrivileges(schema, role, objects, grants)
                if grants != tuple(map(tuple, usual_for_new(each))):
                    self._defined[FIELDS[DefaultPrivileges]].append(each)
            return
        self._known.setdefault((_PG_NAMESPACE, _PUBLIC, 0), address.schema("public"))  # which every database has
        subjects = {key: self._subject(key) for key in {row[:2] for row in rows}}
        said = [(subject, *row[2:]) for row in rows if (subject := subjects[row[:2]]) is not None]
        if kind is Owner:
            self._about(Owner(str(subject), role) for subject, role in said)
        else:
            found = granted(said, 1, major)
            self._about(
                Grants(str(subject), grants)
                for (subject,), grants in found.items()
                if grants != tuple(map(tuple, usual(subject, major=major)))
            )

    def _subject(self, key: tuple[int, int]) -> Address | None:
        """Return what roles have something to do with; the sequence of an identity by its own name."""
        where = self._known.get((*key, 0))
        if where is None or where.kind != "column":
            return where if where is not None and where.kind in SUBJECTS else None
        schema, table, name = where.names
        columns = self._columns[self._oids[schema, table]]
        identity = next(each.identity for each in columns if each.name == name)
        return address.sequence(schema, identity.sequence) if identity is not None else None

    def _about(self, said: Iterable[Grants | Owner]) -> None:
        """Keep what is said of objects, and that it cannot be without them."""
        holders = {
            address.sequence(table[0], column.identity.sequence): address.column(table[0], table[1], column.name)
            for table, oid in self._oids.items()
            for column in self._columns[oid]
            if column.identity is not None
        }
        for each in said:
            subject = each.subject
            self._defined[FIELDS[type(each)]].append(each)
            self._dependencies.add((each.address, holders.get(subject, subject)))
            columns = {grant.column for grant in each.all} - {""} if isinstance(each, Grants) else ()
            self._dependencies |= {(each.address, Address("column", (*subject.names, name))) for name in columns}

    def dependencies(self, rows: Rows[Row]) -> None:
        """Take pg_depend. What an extension owns stands for the extension."""
        for class_oid, oid, sub, ref_class, ref_oid, _, kind in rows:
            if kind == "e" and ref_class == _PG_EXTENSION:
                self._known.setdefault((class_oid, oid, sub), self._known.get((ref_class, ref_oid, 0), _NOWHERE))
        for class_oid, oid, sub, ref_class, ref_oid, ref_sub, kind in rows:
            dependent, referenced = self._find(class_oid, oid, sub), self._find(ref_class, ref_oid, ref_sub)
            if kind != "e" and dependent and referenced and self._matters(dependent, referenced):
                self._dependencies.add((dependent, referenced))

    def catalog(self, major: int, also: Iterable[str] = ()) -> Catalog:
        """Return what was collected."""
        self._indexed()
        return Catalog(
            schemas=tuple(self._schemas),
            extensions=tuple(self._extensions),
            enums=tuple(self._enums),
            sequences=tuple(self._sequences),
            tables=tuple(self._table(oid) for oid in self._tables),
            **self._sorted(),
            unmanaged=tuple(sorted(self._unmanaged)),
            dependencies=tuple(Dependency(*pair) for pair in sorted(self._dependencies)),
            major=major,
            also=tuple(sorted(also)),
        )

    @property
    def indexed(self) -> list[int]:
        """The OIDs of what may have indexes: managed tables, and materialized views."""
        return list(self._holders)

    def _indexed(self) -> None:
        """Give the materialized views their indexes."""
        indexes = {self._holders[oid]: tuple(found) for oid, found in self._indexes.items()}
        views = self._defined[FIELDS[MaterializedView]]
        views[:] = [
            replace(each, indexes=indexes.get(each.address, ())) if isinstance(each, MaterializedView) else each
            for each in views
        ]

    def _sorted(self) -> dict[str, Any]:
        return {
            name: tuple(sorted(found, key=lambda each: each.address.names)) for name, found in self._defined.items()
        }

    def _holder(self, where: Address) -> Address:
        return where.table or self._owner.get(where, where)

    def _find(self, class_oid: int, oid: int, sub: int) -> Address | None:
        found = self._known.get((class_oid, oid, sub)) or self._known.get((class_oid, oid, 0))
        return None if found is _NOWHERE else found

    def _matters(self, dependent: Address, referenced: Address) -> bool:
        if dependent == referenced or referenced.kind == "schema":
            return False
        if dependent.kind == "sequence" and referenced.kind == "column":
            return False  # OWNED BY, which the sequence itself states
        if self._holder(dependent) == self._holder(referenced):
            refers = dependent.kind == "constraint" and referenced.kind in {"constraint", "index"}  # a key to itself
            return refers or dependent.kind == referenced.kind == "column"
        return True

    def _table(self, oid: int) -> Table:
        schema, name, unlogged, options, comment, row_security, forced, replica, clustered, *more = self._tables[oid]
        key, parents, bound = more[:3]
        columns, constraints = self._columns[oid], self._constraints[oid]
        above = [self._columns[self._oids[parent]] for parent in map(tuple, parents) if parent in self._oids]
        own = inheritance.own_columns(columns, above, partition=bound is not None) if parents else columns
        keys = [c for c in constraints if isinstance(c, PrimaryKey)]
        return Table(
            schema=schema,
            name=name,
            columns=tuple(sorted(own, key=lambda c: c.name)),
            primary_key=keys[0] if keys else None,
            uniques=tuple(c for c in constraints if isinstance(c, Unique)),
            checks=tuple(c for c in constraints if isinstance(c, Check)),
            exclusions=tuple(c for c in constraints if isinstance(c, Exclusion)),
            foreign_keys=tuple(c for c in constraints if isinstance(c, ForeignKey)),
            indexes=tuple(self._indexes[oid]),
            unlogged=unlogged,
            options=tuple(sorted(options)),
            comment=comment,
            row_security=row_security,
            force_row_security=forced,
            replica_identity=replica,
            clustered=clustered,
            partition_by=key,
            inherits=tuple(map(tuple, parents)),
            bound=bound,
            attached=tuple(self._attached[oid]),
            order=tuple(c.name for c in columns),
        )


_NOWHERE = Address("", ())


def _targets(targets: Rows[int]) -> tuple[int, ...]:
    """Return statistics targets, which are told where one of them is not the usual one."""
    return tuple(targets) if any(target >= 0 for target in targets) else ()


def _column(row: Row, alike: dict[Row, Column]) -> Column:
    """Return the column of a row; one that was made before, if it is the same: tables have many in common."""
    _, name, type_, nullable, default, collation, identity, generated, comment, inherited, *rest = row
    storage, compression, statistics, settings, not_null, sequence, *options = rest[:-3]
    key = None if identity or settings else (*row[1:13], not_null)
    found = alike.get(key) if key is not None else None
    if found is not None:
        return found
    found = Column(
        name=name,
        type=type_,
        nullable=nullable,
        default=None if generated else default,
        collation=collation,
        identity=Identity(identity == "a", sequence, Options(*options)) if identity else None,
        generated=Generated(default, _GENERATED[generated]) if generated else None,
        comment=comment,
        inherited=inherited,
        storage=storage,
        compression=compression,
        statistics=statistics,
        options=tuple(settings),
        not_null=not_null,
    )
    if key is not None:
        alike[key] = found
    return found


def _constraint(row: Row, names_: Mapping[int, Mapping[int, str]]) -> Constraint:
    oid, kind, name, definition, keys, more, comment, options, *rest = row
    own = names_[oid]
    columns = tuple(own[number] for number in (*keys, *more) if number)  # 0 stands for an expression
    options = tuple(sorted(options))
    match kind:
        case "p":
            return PrimaryKey(name, definition, columns, comment, options)
        case "u":
            return Unique(name, definition, columns, comment, options)
        case "c":
            return Check(name, definition, columns, comment)
        case "x":
            return Exclusion(name, definition, columns, comment, options)
        case _:
            schema, table, other, other_keys, other_columns, on_update, on_delete, set_keys, *flags = rest
            if other_columns is None:
                other_columns = [names_[other][number] for number in other_keys]
            set_columns = [own[number] for number in set_keys]
            told = (schema, table, other_columns, on_update, on_delete, set_columns, *flags)
            return _foreign_key(name, columns, comment, told)


def _foreign_key(name: str, columns: Rows[str], comment: str | None, rest: Rows[Any]) -> ForeignKey:
    ref_schema, ref_table, ref_columns, on_update, on_delete, set_columns, match, *flags = rest
    deferrable, deferred, validated, enforced, period = flags[:5]
    return ForeignKey(
        name=name,
        columns=tuple(columns),
        ref_schema=ref_schema,
        ref_table=ref_table,
        ref_columns=tuple(ref_columns),
        on_update=_ACTIONS[on_update],
        on_delete=_ACTIONS[on_delete],
        set_columns=tuple(set_columns),
        match=_MATCHES[match],
        deferrable=deferrable,
        deferred=deferred,
        validated=validated,
        enforced=enforced,
        period=period,
        comment=comment,
    )
