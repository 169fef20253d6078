"""Functions and procedures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from mizzle.catalog.address import Address


@dataclass(frozen=True, slots=True)
class Routine:
    """A function or a procedure; its name together with the `types` of its arguments is its own.

    `identity` is pg_get_function_identity_arguments(), `result` pg_get_function_result() (None of a procedure),
    `defaults` how many arguments have one. `definition` is what stands behind the name in pg_get_functiondef().
    `parsed` notes that there are expressions in it, which PostgreSQL keeps as it understood them.
    """

    QUERY: ClassVar = "routines.sql"
    TEXTS: ClassVar = ("types", "identity", "result", "definition")

    kind: str
    schema: str
    name: str
    types: str
    identity: str
    result: str | None
    defaults: int
    definition: str
    parsed: bool = field(default=False, compare=False)
    comment: str | None = None

    @property
    def address(self) -> Address:
        """The routine's own address: its name in it holds the types of its arguments."""
        return Address(self.kind, (self.schema, f"{self.name}({self.types})"))
