"""The closed set of changes between two catalogs."""

from __future__ import annotations

import msgspec

from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Object


class Create(msgspec.Struct, frozen=True):
    """`new` is wanted and not there; a table comes with all its parts."""

    address: Address
    new: Object

    def __str__(self) -> str:
        return f"create {self.address}"


class Drop(msgspec.Struct, frozen=True):
    """`old` is there and not wanted; a table goes with all its parts."""

    address: Address
    old: Object

    def __str__(self) -> str:
        return f"drop {self.address}"


class Alter(msgspec.Struct, frozen=True):
    """`old` and `new` are the same object, said otherwise; of a table, only what is not one of its parts."""

    address: Address
    old: Object
    new: Object

    def __str__(self) -> str:
        return f"alter {self.address}"


class Rename(msgspec.Struct, frozen=True):
    """The object at `address` gets another name, and nothing else of it changes."""

    address: Address
    to: Address
    old: Object

    def __str__(self) -> str:
        return f"rename {self.address} to {self.to.name}"


Change = Create | Drop | Alter | Rename
