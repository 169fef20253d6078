"""Materialized views."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from mizzle.catalog.address import Address
from mizzle.catalog.index import Index
from mizzle.catalog.view import Output


@dataclass(frozen=True, slots=True)
class MaterializedView:
    """A materialized view, with its indexes; `populated` is False for WITH NO DATA.

    `definition` is pg_get_viewdef() without its semicolon, `options` are storage parameters as `name=value`, sorted,
    `method` and `tablespace` are empty where they are the usual ones. `clustered` is the index that CLUSTER goes by.
    """

    QUERY: ClassVar = "materialized_views.sql"
    TEXTS: ClassVar = ("definition",)

    schema: str
    name: str
    columns: tuple[Output, ...]
    definition: str
    options: tuple[str, ...] = ()
    method: str = ""
    tablespace: str = ""
    populated: bool = True
    clustered: str = ""
    comment: str | None = None
    comments: tuple[tuple[str, str], ...] = ()
    indexes: tuple[Index, ...] = ()

    @property
    def address(self) -> Address:
        """The materialized view's own address."""
        return Address("materialized view", (self.schema, self.name))

    def parts(self) -> Iterator[tuple[Address, Index]]:
        """Yield each index with its address."""
        for index in self.indexes:
            yield Address("index", (self.schema, index.name)), index
