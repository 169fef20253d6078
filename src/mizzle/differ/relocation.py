"""What a catalog is after an object has come to another schema, or a schema to another name: all that says it follows.

Texts are followed as PostgreSQL prints them, name by name; where that is not exact, a comparison sees one more change
than there is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog, Dependency
from mizzle.catalog.table import Table
from mizzle.sqltext import Token, raw_name, tokens

Pair = tuple[str, str]
"""A schema and a name in it."""

_RAW = frozenset({"name", "schema", "table", "comment", "label", "labels", "columns", "order", "keys", "kind"})
"""Fields that hold names as they are, or texts of people."""

_APART = frozenset({"extension", "event trigger", "cast", "publication", "foreign data wrapper", "server"})
"""Kinds of objects that are in no schema."""


def with_schema(old: Catalog, schema: str, to: str) -> Catalog:
    """Return `old` after a schema was renamed."""
    named = tuple(replace(each, name=to) if each.name == schema else each for each in old.schemas)

    def place(pair: Pair) -> Pair:
        return (to, pair[1]) if pair[0] == schema else pair

    return _relocated(replace(old, schemas=tuple(sorted(named, key=lambda s: s.name))), place, frozenset({schema}))


def with_place(old: Catalog, where: Address, to: Address) -> Catalog:
    """Return `old` after the object at `where` was moved to another schema or renamed, with what goes with it."""
    moved: dict[Pair, Pair] = {_pair(where): _pair(to)}
    if where.kind == "table":
        for sequence in old.sequences:
            if sequence.owned_by is not None and sequence.owned_by[:2] == where.names:
                moved[sequence.schema, sequence.name] = to.names[0], sequence.name
        table = next(each for each in old.tables if each.address == where)
        for index in (*table.indexes, *table.uniques, *table.exclusions, *filter(None, (table.primary_key,))):
            moved[where.names[0], index.name] = to.names[0], index.name
    return _relocated(old, lambda pair: moved.get(pair, pair), frozenset({where.names[0]}))


def _pair(where: Address) -> Pair:
    return where.names[0], where.names[1]


def _relocated(old: Catalog, place: Callable[[Pair], Pair], schemas: frozenset[str]) -> Catalog:
    """Return `old` with each (schema, name) as `place` has it; other schemas than these are left alone."""
    walk = _Walk(place, schemas)
    told = {
        each.name: _sorted(walk.value(getattr(old, each.name)))
        for each in fields(old)
        if each.name not in {"schemas", "dependencies", "unmanaged", "major", "also", *_ABOUT_ROLES}
    }
    called = dict[Address, Address]()
    for name in told:
        for before, after in zip(getattr(old, name), walk.value(getattr(old, name)), strict=True):
            called |= _addresses(before, after)
    return replace(
        old,
        **told,
        dependencies=tuple(
            Dependency(walk.address(each.dependent, called), walk.address(each.referenced, called))
            for each in old.dependencies
        ),
    )


def _sorted(things: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(sorted(things, key=_key))


def _key(thing: Any) -> tuple[str, ...]:
    return (getattr(thing, "schema", ""), getattr(thing, "table", ""), getattr(thing, "name", ""))


def _addresses(before: Any, after: Any) -> Mapping[Address, Address]:
    if isinstance(before, Table):
        pairs = zip(before.parts(), after.parts(), strict=True)
        return {before.address: after.address} | {was: now for (was, _), (now, _) in pairs}
    return {before.address: after.address} if hasattr(before, "address") else {}


_ABOUT_ROLES = frozenset({"grants", "owners", "default_privileges"})
"""What follows by itself (access.py): it names an object, or a schema."""


class _Walk:
    """Goes through objects, and puts what is at another place now there."""

    def __init__(self, place: Callable[[Pair], Pair], schemas: frozenset[str]) -> None:
        self._place = place
        self._schemas = schemas

    def value(self, value: Any, field: str = "") -> Any:
        if isinstance(value, Address):
            return self.address(value, {})
        if isinstance(value, tuple):
            return self._tuple(value, field)  # pyright: ignore[reportUnknownArgumentType]
        if is_dataclass(value) and not isinstance(value, type):
            return self._object(value)
        if isinstance(value, str) and field not in _RAW:
            return self.text(value)
        return value

    def address(self, where: Address, called: Mapping[Address, Address]) -> Address:
        found = called.get(where)
        if found is not None:
            return found
        if where.kind in _APART or len(where.names) < 2:  # noqa: PLR2004 - schema and name
            return Address("schema", self._place((where.name, ""))[:1]) if where.kind == "schema" else where
        return Address(where.kind, (*self._place(_pair(where)), *where.names[2:]))

    def text(self, text: str) -> str:
        if not any(schema in text for schema in self._schemas):
            return text
        found = tuple(tokens(text))
        result: list[str] = []
        for at, token in enumerate(found):
            pair = self._named(found, at)
            if pair is not None:
                result.append(names.ident(self._place(pair)[0]))
            elif token.text == "." and at and (pair := self._named(found, at - 1)) is not None:
                result.append(token.text)
            elif at > 1 and (pair := self._named(found, at - 2)) is not None:
                result.append(names.ident(self._place(pair)[1]))
            else:
                result.append(self._literal(token))
        return "".join(result)

    def _named(self, found: tuple[Token, ...], at: int) -> Pair | None:
        """Return the schema and the name that begin at a token, where they are at another place now."""
        if [token.text for token in found[at + 1 : at + 2]] != ["."] or (at and found[at - 1].text == "."):
            return None
        if any(token.kind not in {"name", "quoted"} for token in found[at : at + 3 : 2]) or len(found) < at + 3:
            return None
        pair = raw_name(found[at]), raw_name(found[at + 2])
        return pair if self._place(pair) != pair else None

    def _literal(self, token: Token) -> str:
        """Return a literal that is the name of a relation, such as 'public.s'::regclass, or any other token."""
        if token.kind != "string" or not any(token.text.startswith(f"'{names.ident(s)}.") for s in self._schemas):
            return token.text
        told = self.text(token.text[1:-1].replace("''", "'"))
        return names.literal(told)

    def _tuple(self, value: tuple[Any, ...], field: str) -> tuple[Any, ...]:
        if field == "schemas":
            return tuple(self._place((each, ""))[0] for each in value)
        if field == "owned_by":
            return (*self._place((value[0], value[1])), *value[2:])
        if field in {"inherits", "on"} and value and isinstance(value[0], str):
            return self._place((value[0], value[1]))
        if field == "columns" and value and isinstance(value[0], tuple):  # of a view: names and types
            return tuple((name, self.text(type_)) for name, type_ in value)
        return tuple(self.value(each, field) for each in value)

    def _object(self, thing: Any) -> Any:
        told = {each.name: self.value(getattr(thing, each.name), each.name) for each in fields(thing)}
        if hasattr(thing, "schema"):
            name = "table" if hasattr(thing, "table") else "name"
            told["schema"], told[name] = self._place((thing.schema, getattr(thing, name)))
        if hasattr(thing, "ref_table"):
            told["ref_schema"], told["ref_table"] = self._place((thing.ref_schema, thing.ref_table))
        return replace(thing, **told)
