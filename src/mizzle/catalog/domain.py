"""Domains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mizzle.catalog.address import Address


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain over `type`; `checks` are (name, pg_get_constraintdef()), `comments` those of checks, by name.

    `collation` is None where it is the type's own.
    """

    QUERY: ClassVar = "domains.sql"
    TEXTS: ClassVar = ("type", "default", "checks")

    schema: str
    name: str
    type: str
    collation: str | None = None
    default: str | None = None
    not_null: bool = False
    checks: tuple[tuple[str, str], ...] = ()
    comment: str | None = None
    comments: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> Address:
        """The domain's own address."""
        return Address("domain", (self.schema, self.name))
