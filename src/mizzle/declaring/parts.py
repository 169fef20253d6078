"""Constraints and indexes as SQLAlchemy's."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog.constraint import Check, Exclusion, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.index import Index
from mizzle.catalog.table import Table
from mizzle.declaring.conventions import Convention, Naming
from mizzle.declaring.definitions import Indexed, checked, excluded, indexed, keyed
from mizzle.declaring.layout import Code, Group, Named, Text, call, keywords, listed, mapping, texts

_NO_ACTION = "NO ACTION"


def sql(text: str) -> Text:
    """Return SQL as SQLAlchemy's text() takes it: a colon before a word is none of a parameter."""
    parts: list[str] = []
    for place, char in enumerate(text):
        before, behind = text[place - 1 : place], text[place + 1 : place + 2]
        if char == ":" and _is_word(behind) and not (before and (_is_word(before) or before in ":\\")):
            parts.append("\\")
        parts.append(char)
    return Text("".join(parts))


def text(value: str) -> Code:
    """Return SQL as it stands."""
    return call("sa.text", sql(value))


def name(naming: Naming) -> Code | None:
    """Return a name as an argument; None for what need not be said."""
    if naming.name is None:
        return None
    return call("sa.schema.conv", Text(naming.name)) if naming.final else Text(naming.name)


def number(value: str) -> Code:
    """Return a storage parameter's value."""
    return value if value.isdigit() and str(int(value)) == value else Text(value)


def target(key: ForeignKey, column: str) -> Text:
    """Return what a foreign key refers to, as ForeignKey() takes it."""
    schema = () if key.ref_schema == "public" else (key.ref_schema,)
    return Text(".".join((*schema, key.ref_table, column)))


def primary_key(table: Table, key: PrimaryKey, convention: Convention) -> Code | None:
    """Return the constraint where columns cannot say it by themselves: another order, a name, what it includes."""
    found, named = keyed(key.definition), convention.naming(table, key)
    order = tuple(each.name for each in table.ordered_columns if each.name in found.columns)
    plain = order == found.columns and not (found.include or found.deferrable)
    if named.name is None and plain:
        return None
    return call("sa.PrimaryKeyConstraint", *texts(found.columns), *keywords(name=name(named)), *_of_key(key.definition))


def unique(table: Table, constraint: Unique, convention: Convention) -> Code | None:
    """Return the constraint; None where `unique=True` of its column says it."""
    found, named = keyed(constraint.definition), convention.naming(table, constraint)
    if is_inline(table, constraint, convention):
        return None
    return call(
        "sa.UniqueConstraint", *texts(found.columns), *keywords(name=name(named)), *_of_key(constraint.definition)
    )


def is_inline(table: Table, part: Unique | Index, convention: Convention) -> bool:
    """Say whether `unique=True` or `index=True` of its one column says all of it."""
    if convention.naming(table, part).name is not None:
        return False
    if isinstance(part, Unique):
        found = keyed(part.definition)
        return len(found.columns) == 1 and not _of_key(part.definition)
    columns = indexed(part).columns
    unique = any(keyed(u.definition).columns == columns and is_inline(table, u, convention) for u in table.uniques)
    # A column that is both has a unique index, and no constraint.
    return not part.unique and len(columns) == 1 and not _of_index(indexed(part)) and not unique


def check(table: Table, constraint: Check, convention: Convention) -> Code:
    """Return the constraint."""
    return call(
        "sa.CheckConstraint",
        sql(checked(constraint) or ""),
        name=name(convention.naming(table, constraint)),
    )


def exclusion(table: Table, constraint: Exclusion) -> Code:
    """Return the constraint; SQLAlchemy has no convention for its name."""
    found = excluded(constraint.definition)
    pairs = (
        (Text(each.column) if each.column else text(each.sql), Text(operator)) for each, operator in found.elements
    )
    ops = [(Text(each.column), Text(each.ops)) for each, _ in found.elements if each.ops]
    usual = names.default_name(table.name, tuple(each.column or "expr" for each, _ in found.elements), "excl")
    return call(
        "pg.ExcludeConstraint",
        *(Group("(", pair) for pair in pairs),
        *keywords(
            name=Text(constraint.name) if constraint.name != usual else None,
            using=Text(found.method) if found.method != "gist" else None,
            where=text(found.where) if found.where else None,
            ops=mapping(ops) if ops else None,
            deferrable="True" if found.deferrable else None,
            initially=Text("DEFERRED") if found.deferred else None,
        ),
    )


def foreign_key(table: Table, key: ForeignKey, convention: Convention) -> Code:
    """Return the constraint, for a key of several columns; reference() is for one."""
    return call(
        "sa.ForeignKeyConstraint",
        listed(texts(key.columns)),
        listed(target(key, each) for each in key.ref_columns),
        *_of_foreign_key(table, key, convention),
    )


def reference(table: Table, key: ForeignKey, convention: Convention) -> Code:
    """Return the foreign key of a column."""
    return call("sa.ForeignKey", target(key, key.ref_columns[0]), *_of_foreign_key(table, key, convention))


def index(table: Table, part: Index, convention: Convention) -> Code | None:
    """Return the index; None where `index=True` of its column says it."""
    found, named = indexed(part), convention.naming(table, part)
    if is_inline(table, part, convention):
        return None
    said = named.name
    return call(
        "sa.Index",
        Text(said) if said is not None else "None",
        *(Text(each.column) if each.column else text(each.sql) for each in found.elements),
        *keywords(unique="True" if part.unique else None),
        *_of_index(found),
    )


def _of_key(definition: str) -> tuple[Named, ...]:
    found = keyed(definition)
    return keywords(
        deferrable="True" if found.deferrable else None,
        initially=Text("DEFERRED") if found.deferred else None,
        postgresql_include=listed(texts(found.include)) if found.include else None,
        postgresql_nulls_not_distinct="True" if found.nulls_not_distinct else None,
    )


def _of_foreign_key(table: Table, key: ForeignKey, convention: Convention) -> tuple[Named, ...]:
    columns = f" ({', '.join(map(names.ident, key.set_columns))})" if key.set_columns else ""
    return keywords(
        name=name(convention.naming(table, key)),
        onupdate=Text(key.on_update) if key.on_update != _NO_ACTION else None,
        ondelete=Text(key.on_delete + columns) if key.on_delete != _NO_ACTION else None,
        deferrable="True" if key.deferrable else None,
        initially=Text("DEFERRED") if key.deferred else None,
        match=Text(key.match) if key.match != "SIMPLE" else None,
    )


def _of_index(found: Indexed) -> tuple[Named, ...]:
    ops = [(Text(each.column), Text(each.ops)) for each in found.elements if each.ops]
    options = [(Text(option), number(value)) for option, value in found.options]
    return keywords(
        postgresql_using=Text(found.method) if found.method != "btree" else None,
        postgresql_ops=mapping(ops) if ops else None,
        postgresql_include=listed(texts(found.include)) if found.include else None,
        postgresql_nulls_not_distinct="True" if found.nulls_not_distinct else None,
        postgresql_with=mapping(options) if options else None,
        postgresql_where=text(found.where) if found.where else None,
    )


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"
