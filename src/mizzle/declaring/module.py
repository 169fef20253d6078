"""A module of models, whole: enums, the base, tables without a class, classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog
from mizzle.catalog.table import Table
from mizzle.declaring import parts, words
from mizzle.declaring.columns import Columns
from mizzle.declaring.conventions import Convention
from mizzle.declaring.entities import Entity
from mizzle.declaring.layout import WIDTH, Code, Group, Named, Text, call, flat, lines, listed, mapping, quoted
from mizzle.declaring.relations import Relationship, is_link, relationships
from mizzle.declaring.split import Serials, Split
from mizzle.declaring.types import EnumType, Types, is_other

_MODULES = ("datetime", "decimal", "uuid")
_OTHER = '''class SqlType(UserDefinedType[Any]):
    """A type that SQLAlchemy has no class for, as SQL says it."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name'''
_LABELS = '''def labels(kind: type[enum.Enum]) -> list[str]:
    """Return what an enum's values are called in the database."""
    return [each.value for each in kind]'''


@dataclass(frozen=True)
class Module:
    """The text of a module; `classes` and `tables` are how many of each it has."""

    text: str
    classes: int
    tables: int


def write(catalog: Catalog, split: Split, *, about: str) -> Module:
    """Write the models of what `split` says of `catalog`; `about` is the module's docstring. Same input, same text."""
    return _Writer(catalog, split).module(about)


class _Writer:
    def __init__(self, catalog: Catalog, split: Split) -> None:
        self._split = split
        self._tables = {table.address: table for table in split.tables}
        classes = self._classes(catalog)
        attributes = {where: _attributes(table, {*classes.values()}) for where, table in self._tables.items()}
        used = {name for found in attributes.values() for name in found.values()} | {*classes.values()}
        self._enums = dict(self._enum_types(catalog, classes, used))
        used |= {each.variable for each in self._enums.values()}
        self.entities: dict[Address, Entity] = {}
        for where, table in self._tables.items():
            link = is_link(table)
            mapped = table.primary_key is not None and not link
            name = classes[str(where)] if mapped else words.free(self._variable(table), used)
            used.add(name)
            self.entities[where] = Entity(table, name, mapped, link, attributes[where])
        self._types = Types(catalog, self._enums)
        self._convention = Convention(split.tables)
        self._columns = Columns(Serials(catalog), self._tables, self._types, self._convention)
        self._relationships = relationships(self.entities, used - {n for f in attributes.values() for n in f.values()})
        self._spoken: list[Code] = []
        self._annotations: list[str] = []
        self._maps = False

    def module(self, about: str) -> Module:
        cores = [each for each in self.entities.values() if not each.mapped]
        classes = [each for each in self.entities.values() if each.mapped]
        blocks = ["\n".join(self._table(each)) for each in cores]
        blocks += ["\n".join(self._class(each)) for each in classes]
        head = [*self._enum_blocks(), *self._other(), "\n".join(self._base())]
        imports = "\n".join(self._imports(mapped=bool(classes)))
        text = "\n\n\n".join([f'"""{about}"""\n\n{imports}', *head, *blocks]) + "\n"
        return Module(text, len(classes), len(cores))

    def _classes(self, catalog: Catalog) -> dict[str, str]:
        """Return names of classes: of tables by their address, of enums by their name in SQL."""
        tables = [*self._tables.values()]
        enums = [each for each in catalog.enums if each.labels and self._is_used(names.dotted(each.schema, each.name))]
        wanted = [
            (str(each.address), each.schema, each.name) for each in tables if each.primary_key and not is_link(each)
        ]
        wanted += [(names.dotted(each.schema, each.name), each.schema, each.name) for each in enums]
        found: dict[str, str] = {}
        taken = {*words.RESERVED}
        short = [words.class_name(name) for _, _, name in wanted]
        for (key, schema, name), plain in zip(wanted, short, strict=True):
            twice = short.count(plain) > 1 and schema != "public"
            made = words.class_name(schema, name) if twice or plain in taken else plain
            found[key] = words.free(made, taken)
            taken.add(found[key])
        return found

    def _is_used(self, enum: str) -> bool:
        return any(column.type in {enum, f"{enum}[]"} for table in self._split.tables for column in table.columns)

    def _variable(self, table: Table) -> str:
        return words.variable(*(() if table.schema == "public" else (table.schema,)), table.name)

    def _enum_types(self, catalog: Catalog, classes: dict[str, str], used: set[str]) -> Iterator[tuple[str, EnumType]]:
        taken = {*used}
        for enum in catalog.enums:
            name = names.dotted(enum.schema, enum.name)
            if name in classes:
                variable = words.free(f"{words.variable(enum.name).rstrip('_')}_type", taken)
                taken.add(variable)
                yield name, EnumType(enum, classes[name], variable, made=enum in self._split.enums)

    def _enum_blocks(self) -> Iterator[str]:
        if any(_members(each) is not None for each in self._enums.values()):
            yield _LABELS
        for each in self._enums.values():
            found = words.distinct((label, words.member(label)) for label in each.enum.labels)
            yield "\n".join(
                [f"class {each.class_name}(enum.Enum):", *(f"    {n} = {quoted(v)}" for v, n in found.items())]
            )
        if self._enums:
            yield "\n".join(line for each in self._enums.values() for line in lines(self._enum(each)))

    def _enum(self, each: EnumType) -> Code:
        kind = "sa.Enum" if each.made else "pg.ENUM"
        made = call(
            kind,
            each.class_name,
            name=Text(each.enum.name),
            schema=Text(each.enum.schema) if each.enum.schema != "public" else None,
            create_type=None if each.made else "False",
            values_callable=_members(each),
        )
        self._spoken.append(made)
        return Named(f"{each.variable} = ", made)

    def _other(self) -> Iterator[str]:
        if self._has_other():
            yield _OTHER

    def _has_other(self) -> bool:
        found = (self._columns.of(column).code for table in self._split.tables for column in table.columns)
        return any(map(is_other, found))

    def _base(self) -> Iterator[str]:
        yield "class Base(DeclarativeBase):"
        yield '    """What all models have in common."""'
        convention = [(Text(kind), Text(template)) for kind, template in self._convention.templates.items()]
        mapped: list[tuple[Code, Code]] = [each for each in self._types.mapped() if self._says(each[0])]
        mapped += [(each.class_name, each.variable) for each in self._enums.values() if each.made]
        self._spoken += [code for _, code in mapped]
        self._annotations += [flat(python) for python, _ in mapped]
        if convention or mapped:
            yield ""
        if convention:
            yield from lines(Named("metadata = ", call("sa.MetaData", naming_convention=mapping(convention))), indent=4)
        if mapped:
            self._maps = True
            yield from lines(Named("type_annotation_map: ClassVar[dict[Any, Any]] = ", mapping(mapped)), indent=4)

    def _table(self, entity: Entity) -> Iterator[str]:
        table = entity.table
        columns = [self._columns.column(table, column) for column in table.ordered_columns]
        self._spoken += columns
        options = [Named(f"{key}=", value) for key, value in _options(table)]
        made = call("sa.Table", Text(table.name), "Base.metadata", *columns, *self._constraints(table), *options)
        yield from lines(Named(f"{entity.class_name} = ", made))

    def _class(self, entity: Entity) -> Iterator[str]:
        table = entity.table
        yield f"class {entity.class_name}(Base):"
        yield f"    __tablename__ = {quoted(table.name)}"
        yield from self._table_args(table)
        yield ""
        for column in table.ordered_columns:
            annotation, value = self._columns.attribute(entity, column)
            self._annotations.append(annotation)
            yield from _assigned(entity.attributes[column.name], annotation, value)
            if value is not None:
                self._spoken.append(value)
        found = self._relationships.get(table.address, [])
        if found:
            yield ""
        for each in found:
            yield from _related(each)

    def _table_args(self, table: Table) -> Iterator[str]:
        constraints = [*self._constraints(table)]
        options: list[tuple[Code, Code]] = [(Text(key), value) for key, value in _options(table)]
        items = (*constraints, mapping(options)) if options else tuple(constraints)
        if items:
            yield from lines(Named("__table_args__ = ", Group("(", items)), indent=4)

    def _constraints(self, table: Table) -> Iterator[Code]:
        convention = self._convention
        made: list[Code | None] = []
        if table.primary_key is not None:
            made.append(parts.primary_key(table, table.primary_key, convention))
        made += [parts.unique(table, each, convention) for each in table.uniques]
        made += [parts.check(table, each, convention) for each in table.checks]
        made += [parts.exclusion(table, each) for each in table.exclusions]
        made += [parts.foreign_key(table, each, convention) for each in table.foreign_keys if len(each.columns) > 1]
        made += [parts.index(table, each, convention) for each in table.indexes]
        found = [each for each in made if each is not None]
        self._spoken += found
        yield from found

    def _imports(self, *, mapped: bool) -> Iterator[str]:
        spoken = [*self._annotations, *map(flat, self._spoken)]
        yield "from __future__ import annotations"
        yield ""
        standard = [each for each in _MODULES if self._says(f"{each}.")]
        if self._enums:
            standard.append("enum")
        yield from (f"import {each}" for each in sorted(standard))
        typing = [*(["Any"] if self._maps or self._has_other() or self._says("Any") else [])]
        typing += ["ClassVar"] if self._maps else []
        if typing:
            yield f"from typing import {', '.join(typing)}"
            standard.append("typing")
        if standard:
            yield ""
        yield "import sqlalchemy as sa"
        if any("pg." in each for each in spoken):
            yield "from sqlalchemy.dialects import postgresql as pg"
        found = ["DeclarativeBase", *(["Mapped", "mapped_column"] if mapped else [])]
        found += ["relationship"] if any(self._relationships.values()) else []
        yield f"from sqlalchemy.orm import {', '.join(found)}"
        if self._has_other():
            yield "from sqlalchemy.types import UserDefinedType"

    def _says(self, word: str) -> bool:
        return any(word in each for each in self._annotations)


def _attributes(table: Table, classes: set[str]) -> dict[str, str]:
    """Return the names of a table's attributes; one that is called as its column has that name before all others."""
    wanted = [(each.name, words.attribute(each.name)) for each in table.ordered_columns]
    wanted = [(column, f"{name}_" if name in classes else name) for column, name in wanted]
    return words.distinct(sorted(wanted, key=lambda pair: pair[0] != pair[1]))


def _members(each: EnumType) -> str | None:
    """Return what says the labels of an enum, where the names of its members are others."""
    return "labels" if any(words.member(label) != label for label in each.enum.labels) else None


def _options(table: Table) -> Iterator[tuple[str, Code]]:
    if table.schema != "public":
        yield "schema", Text(table.schema)
    if table.comment is not None:
        yield "comment", Text(table.comment)
    if table.unlogged:
        yield "prefixes", listed((Text("UNLOGGED"),))
    if table.partition_by is not None:
        yield "postgresql_partition_by", Text(table.partition_by)
    if table.options:
        pairs = (each.partition("=") for each in table.options)
        yield "postgresql_with", mapping((Text(name), parts.number(value)) for name, _, value in pairs)


def _assigned(name: str, annotation: str, value: Code | None) -> Iterator[str]:
    head = f"{name}: {annotation}"
    if value is None:
        yield f"    {head}"
    else:
        yield from lines(value, indent=4, before=f"{head} = ")


def _related(each: Relationship) -> Iterator[str]:
    head = f"{each.name}: Mapped[{each.annotation}] = "
    if len(f"    {head}(") <= WIDTH:
        yield from lines(each.code(), indent=4, before=head)
        return
    yield f"    {each.name}: Mapped["
    yield f"        {each.annotation}"
    yield from lines(each.code(), indent=4, before="] = ")
