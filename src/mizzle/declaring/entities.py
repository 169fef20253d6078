"""The tables that models say, with what they are called in Python."""

from __future__ import annotations

from dataclasses import dataclass

from mizzle.catalog.table import Table


@dataclass(frozen=True, eq=False)
class Entity:
    """A table: a class of its own, or a Table in a variable; `class_name` is the name of either.

    `attributes` are the names of its columns' attributes, by column; `link`: it is there for a many-to-many.
    """

    table: Table
    class_name: str
    mapped: bool
    link: bool
    attributes: dict[str, str]
