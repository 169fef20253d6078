"""Constraints of tables. What is only ever created or dropped whole is kept as PostgreSQL's own definition."""

from __future__ import annotations

from dataclasses import dataclass, field

from mizzle.catalog import address
from mizzle.catalog.address import Address

QUERY = "constraints.sql"
NEWER = {
    "confdelsetcols": (15, "'{}'::int2[]"),
    "conenforced": (18, "true"),
    "conperiod": (18, "false"),
}
"""Columns of pg_constraint: the major that each came with, and what stands for it before."""


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """`definition` is pg_get_constraintdef(), such as `PRIMARY KEY (id)`.

    `columns` are those it uses, `options` the storage parameters of its index as `name=value`, sorted.
    """

    name: str
    definition: str
    columns: tuple[str, ...] = field(default=(), compare=False)
    comment: str | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unique:
    """A unique constraint, with NULLS NOT DISTINCT, INCLUDE and deferrability in its `definition`."""

    name: str
    definition: str
    columns: tuple[str, ...] = field(default=(), compare=False)
    comment: str | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """A check; NO INHERIT, NOT VALID and NOT ENFORCED are part of the `definition`."""

    name: str
    definition: str
    columns: tuple[str, ...] = field(default=(), compare=False)
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An exclusion constraint."""

    name: str
    definition: str
    columns: tuple[str, ...] = field(default=(), compare=False)
    comment: str | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key.

    Actions are SQL words (`NO ACTION`, `CASCADE`, `SET NULL`, …); `set_columns` is the list that ON DELETE SET NULL (…)
    may carry from PostgreSQL 15 on; `period` and `enforced` are PostgreSQL 18's.
    """

    name: str
    columns: tuple[str, ...]
    ref_schema: str
    ref_table: str
    ref_columns: tuple[str, ...]
    on_update: str = "NO ACTION"
    on_delete: str = "NO ACTION"
    set_columns: tuple[str, ...] = ()
    match: str = "SIMPLE"
    deferrable: bool = False
    deferred: bool = False
    validated: bool = True
    enforced: bool = True
    period: bool = False
    comment: str | None = None

    @property
    def referenced(self) -> Address:
        """Return the table it refers to."""
        return address.table(self.ref_schema, self.ref_table)


Constraint = PrimaryKey | Unique | Check | Exclusion | ForeignKey
