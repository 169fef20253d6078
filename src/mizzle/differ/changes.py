"""The closed set of changes between two catalogs."""

from __future__ import annotations

from dataclasses import dataclass

from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Object


@dataclass(frozen=True, slots=True)
class Create:
    """`new` is wanted and not there; a table comes with all its parts."""

    address: Address
    new: Object

    def __str__(self) -> str:
        return f"create {self.address}"


@dataclass(frozen=True, slots=True)
class Drop:
    """`old` is there and not wanted; a table goes with all its parts."""

    address: Address
    old: Object

    def __str__(self) -> str:
        return f"drop {self.address}"


@dataclass(frozen=True, slots=True)
class Alter:
    """`old` and `new` are the same object, said otherwise; of a table, only what is not one of its parts."""

    address: Address
    old: Object
    new: Object

    def __str__(self) -> str:
        return f"alter {self.address}"


@dataclass(frozen=True, slots=True)
class Rename:
    """The object at `address` gets another name, and nothing else of it changes."""

    address: Address
    to: Address
    old: Object

    def __str__(self) -> str:
        return f"rename {self.address} to {self.to.name}"


Change = Create | Drop | Alter | Rename
