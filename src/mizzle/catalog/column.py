"""Columns of tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mizzle.catalog.sequence import Options

QUERY = "columns.sql"


@dataclass(frozen=True, slots=True)
class Identity:
    """GENERATED … AS IDENTITY: `sequence` is the raw name of the sequence behind it, in the table's schema."""

    always: bool
    sequence: str
    options: Options


@dataclass(frozen=True, slots=True)
class Generated:
    """GENERATED ALWAYS AS (`expression`); virtual columns exist from PostgreSQL 18 on."""

    expression: str
    kind: Literal["stored", "virtual"] = "stored"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    `type`, `collation`, `default` and a generation expression are texts as PostgreSQL prints them with an empty
    search_path; `collation` is None where it is the type's own. `inherited` is `only` for a column that the table has
    from a parent, though not just as that has it, and `also` for one that it would have without.

    `storage` (PLAIN, EXTERNAL, EXTENDED, MAIN), `compression` and the `statistics` target are told where they are not
    the usual ones, `options` as in `n_distinct=100`. `not_null` is what PostgreSQL 18 and newer say of a NOT NULL
    constraint that has not the name they give it, or is NO INHERIT or NOT VALID: `CONSTRAINT … NOT NULL …`.
    """

    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    collation: str | None = None
    identity: Identity | None = None
    generated: Generated | None = None
    comment: str | None = None
    inherited: Literal["", "only", "also"] = ""
    storage: str = ""
    compression: str = ""
    statistics: int = -1
    options: tuple[str, ...] = ()
    not_null: str = ""
