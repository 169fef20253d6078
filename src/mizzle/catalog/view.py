"""Views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mizzle.catalog.address import Address

Output = tuple[str, str]
"""A column of a view: its name, and its type as format_type() prints it, with its collation if that is another."""


@dataclass(frozen=True, slots=True)
class View:
    """A view; the order of its columns counts.

    `definition` is pg_get_viewdef() without its semicolon. `defaults` and `comments` are those of columns, as (column,
    text); `options` are as in `security_barrier=true`, sorted.
    """

    QUERY: ClassVar = "views.sql"
    TEXTS: ClassVar = ("definition",)

    schema: str
    name: str
    columns: tuple[Output, ...]
    definition: str
    options: tuple[str, ...] = ()
    defaults: tuple[tuple[str, str], ...] = ()
    comment: str | None = None
    comments: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> Address:
        """The view's own address."""
        return Address("view", (self.schema, self.name))
