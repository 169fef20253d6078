"""How a plan treats tables that others use while it runs."""

from __future__ import annotations

from dataclasses import dataclass

from mizzle.catalog.address import Address


@dataclass(frozen=True, slots=True)
class Manner:
    """`online`: what would stop readers or writers for long is made in steps that do not (planning/online/).

    Not so for tables that are `small`, by their dotted SQL names, and for the changes at the addresses `plain`, whose
    steps would have to stand amid others that must happen at once.
    """

    online: bool = True
    small: frozenset[str] = frozenset()
    plain: frozenset[Address] = frozenset()


PLAIN = Manner(online=False)
"""Each change in one statement, if that is possible: for a database that nobody else uses."""

ONLINE = Manner()
