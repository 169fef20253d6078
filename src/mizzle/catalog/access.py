"""Who may do what with an object, and whose it is: read, and compared, only where that is asked for.

Roles are global: a migration names them and makes none. What is PostgreSQL's own default is left out: what an owner may
do with what is his, what PUBLIC may do with new routines and types, and that whoever migrates owns what he makes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from mizzle.catalog.address import Address, on, parse


class Grant(NamedTuple):
    """One privilege of one role; `role` is SQL, `PUBLIC` among them, and `column` a raw name, empty for the whole.

    `privilege` is ALL where it is all that there are for such an object, since newer majors know more of them. `option`
    is WITH GRANT OPTION, or empty.
    """

    role: str
    privilege: str
    column: str = ""
    option: str = ""


@dataclass(frozen=True, slots=True)
class _About:
    """What is said of the object at address `on`."""

    on: str

    @property
    def name(self) -> str:
        """Name of the object."""
        return self.subject.name

    @property
    def subject(self) -> Address:
        """The object."""
        return parse(self.on)


@dataclass(frozen=True, slots=True)
class Grants(_About):
    """What roles other than its owner may do with the object at address `on`; `grants` are sorted."""

    QUERY: ClassVar = "grants.sql"
    TEXTS: ClassVar = ()

    grants: tuple[tuple[str, ...], ...]
    comment: None = None

    @property
    def address(self) -> Address:
        """Where a catalog keeps it."""
        return on("grants on", self.subject)

    @property
    def all(self) -> tuple[Grant, ...]:
        """Each grant by itself."""
        return tuple(Grant(*each) for each in self.grants)


@dataclass(frozen=True, slots=True)
class Owner(_About):
    """Who owns the object at address `on`: a role, as SQL, that is not the one that migrates."""

    QUERY: ClassVar = "owners.sql"
    TEXTS: ClassVar = ()

    role: str
    comment: None = None

    @property
    def address(self) -> Address:
        """Where a catalog keeps it."""
        return on("owner of", self.subject)


@dataclass(frozen=True, slots=True)
class DefaultPrivileges:
    """What is granted on all `objects` (tables, sequences, functions, types, schemas) that `role` will make.

    `role` is SQL, empty for the one that migrates; `schema` a raw name, empty for all of them.
    """

    QUERY: ClassVar = "default_privileges.sql"
    TEXTS: ClassVar = ()

    schema: str
    role: str
    objects: str
    grants: tuple[tuple[str, ...], ...]
    comment: None = None

    @property
    def address(self) -> Address:
        """Where a catalog keeps it."""
        return Address("default privileges", (self.schema, self.name) if self.schema else (self.name,))

    @property
    def name(self) -> str:
        """What is made, and by whom, where it is not the one that migrates."""
        return f"{self.objects} of {self.role}" if self.role else self.objects

    @property
    def all(self) -> tuple[Grant, ...]:
        """Each grant by itself."""
        return tuple(Grant(*each) for each in self.grants)


Access = Grants | Owner | DefaultPrivileges

KINDS: dict[str, type[Access]] = {"grants": Grants, "owners": Owner, "default privileges": DefaultPrivileges}
"""What the `manage` setting calls them."""

RELATIONS = frozenset({"table", "view", "materialized view", "foreign table"})
"""Kinds of objects that have the privileges of tables."""

SUBJECTS = RELATIONS | {
    *("schema", "sequence", "function", "procedure", "aggregate", "type", "domain", "composite type", "range type"),
    *("collation", "operator", "text search dictionary", "text search configuration", "statistics", "publication"),
    *("event trigger", "foreign data wrapper", "foreign server"),
}
"""Kinds of objects that belong to somebody."""

TABLE_PRIVILEGES = frozenset({"DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE"})
"""What all majors from 14 on know of; 17 adds MAINTAIN."""

_USUAL = {
    **dict.fromkeys(("function", "procedure", "aggregate", "functions"), "EXECUTE"),
    **dict.fromkeys(("type", "domain", "composite type", "range type", "types"), "USAGE"),
}
_PUBLIC_IS_CLOSED = 15


def usual(subject: Address, *, major: int) -> tuple[Grant, ...]:
    """Return what roles other than the owner may do with an object when it is new (acldefault() in PostgreSQL).

    Schema public is new when a database is: initdb grants on it what PUBLIC has there.
    """
    if subject == Address("schema", ("public",)):
        here = ("USAGE",) if major >= _PUBLIC_IS_CLOSED else ("CREATE", "USAGE")
        return tuple(Grant("PUBLIC", each) for each in here)
    return (Grant("PUBLIC", _USUAL[subject.kind]),) if subject.kind in _USUAL else ()


def usual_for_new(privileges: DefaultPrivileges) -> tuple[Grant, ...]:
    """Return what is granted on new objects where nobody said otherwise; in one schema, that is nothing more."""
    usual = not privileges.schema and privileges.objects in _USUAL
    return (Grant("PUBLIC", _USUAL[privileges.objects]),) if usual else ()
