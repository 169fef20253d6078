"""A drop beside something alike that is new may be a rename: that is asked, never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

import msgspec

from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Object
from mizzle.catalog.column import Column
from mizzle.catalog.composite import Composite
from mizzle.catalog.domain import Domain
from mizzle.catalog.enum import Enum
from mizzle.catalog.materialized_view import MaterializedView
from mizzle.catalog.range_type import RangeType
from mizzle.catalog.schema import Schema
from mizzle.catalog.sequence import Sequence as Sequence_
from mizzle.catalog.table import Table
from mizzle.catalog.view import View
from mizzle.differ.changes import Alter, Change, Create, Drop, Rename

_ALIKE = 0.5
_MOSTLY, _SAME = 0.8, 1.0
_ELSEWHERE = 0.25
"""How much less likely it is that something is now in another schema."""


class Question(msgspec.Struct, frozen=True):
    """What must be asked: was `gone` renamed to one of `candidates` (the likeliest first), or is it dropped."""

    gone: Address
    candidates: tuple[Address, ...]


def questions(changes: Sequence[Change]) -> tuple[Question, ...]:
    """Return what must be asked about `changes`: what stands by itself, columns of one table, values of one enum."""
    return tuple(question for question in _asked(changes) if question.candidates)


def _asked(changes: Sequence[Change]) -> Iterator[Question]:
    for change in changes:
        match change:
            case Drop(address, Table() as old):
                yield Question(address, _ranked(address, _tables(old, changes)))
            case Drop(address, Enum() as old):
                yield Question(address, _ranked(address, _enums(old, changes)))
            case Drop(address, View() | MaterializedView() | Domain() | Composite() | RangeType() | Sequence_() as old):
                yield Question(address, _ranked(address, _alike(address, old, changes)))
            case Drop(address, Schema()):
                yield Question(address, _ranked(address, _schemas(address, changes)))
            case Drop(address, Column() as old):
                yield Question(address, _ranked(address, _columns(address, old, changes)))
            case Alter(address, Enum() as old, Enum() as new):
                yield from _values(address, old, new)
            case Create() | Drop() | Alter() | Rename():
                pass


def _tables(gone: Table, changes: Iterable[Change]) -> Iterator[tuple[float, Address]]:
    """Score new tables by the share of columns that both have, by name and type."""
    own = {(column.name, column.type) for column in gone.columns}
    for change in changes:
        if isinstance(change, Create) and isinstance(change.new, Table):
            moved = change.new.schema != gone.schema
            if moved and change.new.name != gone.name:
                continue
            other = {(column.name, column.type) for column in change.new.columns}
            likeness = len(own & other) / max(len(own | other), 1)
            if likeness >= _ALIKE:
                yield likeness - moved * _ELSEWHERE, change.address


def _alike(where: Address, gone: Object, changes: Iterable[Change]) -> Iterator[tuple[float, Address]]:
    """Score new objects of the same kind by how alike what they say of themselves is."""
    own = _said(gone)
    for change in changes:
        if not isinstance(change, Create) or type(change.new) is not type(gone):
            continue
        moved = change.address.names[0] != where.names[0]
        if moved and change.address.name != where.name:
            continue
        likeness = SequenceMatcher(None, own, _said(change.new), autojunk=False).ratio()
        if likeness >= (_SAME if isinstance(gone, Sequence_) else _MOSTLY):
            yield likeness - moved * _ELSEWHERE, change.address


def _said(thing: Object) -> list[str]:
    """Return what an object says of itself but for its name, word by word."""
    told = replace(thing, schema="", name="", comment=None)
    return re.findall(r"\w+|[^\w\s]", repr(told))


def _schemas(where: Address, changes: Sequence[Change]) -> Iterator[tuple[float, Address]]:
    """Score new schemas by the share of names that both have in them."""
    own = {change.address.names[1:] for change in changes if _is_in(change, where, Drop)}
    for change in changes:
        if isinstance(change, Create) and isinstance(change.new, Schema):
            other = {each.address.names[1:] for each in changes if _is_in(each, change.address, Create)}
            likeness = len(own & other) / max(len(own | other), 1)
            if likeness >= _ALIKE:
                yield likeness, change.address


def _is_in(change: Change, schema: Address, kind: type[Create | Drop]) -> bool:
    return isinstance(change, kind) and len(change.address.names) > 1 and change.address.names[0] == schema.name


def _enums(gone: Enum, changes: Iterable[Change]) -> Iterator[tuple[float, Address]]:
    """Score new enums by the share of labels that both have."""
    own = set(gone.labels)
    for change in changes:
        if isinstance(change, Create) and isinstance(change.new, Enum) and change.new.schema == gone.schema:
            likeness = len(own & set(change.new.labels)) / max(len(own | set(change.new.labels)), 1)
            if likeness >= _ALIKE:
                yield likeness, change.address


def _columns(where: Address, gone: Column, changes: Iterable[Change]) -> Iterator[tuple[float, Address]]:
    """Score new columns of the same table and type; what else is equal, and the name, ranks them."""
    for change in changes:
        if isinstance(change, Create) and isinstance(change.new, Column) and change.address.table == where.table:
            new = change.new
            if new.type == gone.type and (new.generated is None) == (gone.generated is None):
                same = sum(getattr(new, name) == getattr(gone, name) for name in ("nullable", "default", "comment"))
                yield float(same), change.address


def _values(where: Address, old: Enum, new: Enum) -> Iterator[Question]:
    come = [label for label in new.labels if label not in old.labels]
    for label in old.labels:
        if label not in new.labels:
            gone = Address("value", (*where.names, label))
            yield Question(gone, _ranked(gone, ((0.0, Address("value", (*where.names, each))) for each in come)))


def _ranked(gone: Address, scored: Iterable[tuple[float, Address]]) -> tuple[Address, ...]:
    def rank(pair: tuple[float, Address]) -> tuple[float, float, Address]:
        score, where = pair
        return -score, -SequenceMatcher(None, gone.name, where.name).ratio(), where

    return tuple(where for _, where in sorted(scored, key=rank))
