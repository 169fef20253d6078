"""What a plan is made of: statements, the steps they run in, and what each does to others."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Literal

import msgspec
from msgspec.structs import astuple

from mizzle import names
from mizzle.catalog.address import parse


class Lock(Enum):
    """PostgreSQL's table locks, weakest first (documentation, chapter "Explicit Locking")."""

    NONE = "none"
    ACCESS_SHARE = "ACCESS SHARE"
    ROW_SHARE = "ROW SHARE"
    ROW_EXCLUSIVE = "ROW EXCLUSIVE"
    SHARE_UPDATE_EXCLUSIVE = "SHARE UPDATE EXCLUSIVE"
    SHARE = "SHARE"
    SHARE_ROW_EXCLUSIVE = "SHARE ROW EXCLUSIVE"
    EXCLUSIVE = "EXCLUSIVE"
    ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE"

    def __str__(self) -> str:
        return self.value

    @classmethod
    def named(cls, name: str) -> Lock | None:
        """Return the lock of that name, `ACCESS SHARE`, if there is one."""
        return _BY_NAME.get(name)

    @property
    def rank(self) -> int:
        """Position from weakest (0) to strongest (8)."""
        return _RANKS[self]


_BY_NAME = {lock.value: lock for lock in Lock}
_RANKS = {lock: rank for rank, lock in enumerate(Lock)}


class HazardCode(StrEnum):
    """Stable words for what a statement may do to data, to running code or to others (docs/hazards.md)."""

    DELETES_DATA = "DELETES_DATA"
    DATA_DEPENDENT = "DATA_DEPENDENT"
    TABLE_REWRITE = "TABLE_REWRITE"
    TABLE_SCAN = "TABLE_SCAN"
    INDEX_BUILD = "INDEX_BUILD"
    INDEX_DROPPED = "INDEX_DROPPED"
    BREAKS_OLD_CODE = "BREAKS_OLD_CODE"
    STALE_RESULTS = "STALE_RESULTS"


HAZARDS = {
    HazardCode.DELETES_DATA: "rows, or the values of a column, are gone, or are rounded or cut",
    HazardCode.BREAKS_OLD_CODE: "code that ran before fails",
    HazardCode.DATA_DEPENDENT: "whether it succeeds depends on the rows that are there",
    HazardCode.TABLE_SCAN: "every row is read while others wait",
    HazardCode.TABLE_REWRITE: "the whole table is written anew while nobody can use it",
    HazardCode.INDEX_BUILD: "an index is built while others wait",
    HazardCode.INDEX_DROPPED: "queries that use an index slow down",
    HazardCode.STALE_RESULTS: "what an old function computed is kept where it is stored",
}
"""What each is in a few words, in the order of docs/hazards.md."""

CUTS = "rounds or cuts"
"""What the message of a DELETES_DATA begins with where values stay, and hold less."""


class Hazard(msgspec.Struct, frozen=True):
    """One danger of one statement: its code, the object it threatens, one sentence for people.

    `subject` is the object as `table public.users` or `column public.users.name`.
    """

    code: HazardCode
    subject: str
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Requirement(msgspec.Struct, frozen=True):
    """What the rows must fulfil before anything runs: a sentence, such as `column public.users.name holds no NULL`.

    `query` returns one number: how many rows are against it. `hint` says what to do about them. `subject` is the object
    it is about, in a plan; a script does not say it.
    """

    sentence: str
    query: str
    hint: str = ""
    subject: str = ""


class Statement(msgspec.Struct, frozen=True):
    """One SQL statement, without its semicolon, and what it does to others.

    `relation` is the relation whose lock is `lock`, as a dotted SQL name, empty where there is none; `also` are others
    that it locks in the same way, and `others` those that it locks in another. `change` names the change it came from,
    such as `create table public.users`; `requires` is what the rows must fulfil as they are before the plan.

    `rewrites` and `scans` are the tables that were there before and are written anew or read whole, `builds` the
    indexes that are built over what is in such a table, as dotted SQL names: what PostgreSQL tells at DEBUG1.
    """

    sql: str
    lock: Lock = Lock.NONE
    relation: str = ""
    hazards: tuple[Hazard, ...] = ()
    change: str = ""
    also: tuple[str, ...] = ()
    requires: tuple[Requirement, ...] = ()
    others: tuple[tuple[str, Lock], ...] = ()
    rewrites: tuple[str, ...] = ()
    scans: tuple[str, ...] = ()
    builds: tuple[str, ...] = ()

    @property
    def locks(self) -> dict[str, Lock]:
        """The lock on each relation, as a dotted SQL name."""
        return dict(self.others) | dict.fromkeys(filter(None, (self.relation, *self.also)), self.lock)

    @property
    def work(self) -> Work:
        """What it goes through: as it says, or as its hazards say, of the relations that it locks."""
        return Work(
            self.rewrites or self._threatened(HazardCode.TABLE_REWRITE),
            self.scans or self._threatened(HazardCode.TABLE_SCAN),
            self.builds or self._threatened(HazardCode.INDEX_BUILD),
        )

    def _threatened(self, code: HazardCode) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_worked_on(h, self.relation) for h in self.hazards if h.code is code))


def _worked_on(hazard: Hazard, relation: str) -> str:
    """Return the table that a hazard is about, of an index or a key the index, as a dotted SQL name."""
    where = parse(hazard.subject)
    if where.kind == "constraint" and hazard.code is HazardCode.INDEX_BUILD:
        return names.dotted(where.names[0], where.names[-1])
    if where.kind in {"table", "index"}:
        return where.sql
    return where.table.sql if where.table is not None else relation


class Work(msgspec.Struct, frozen=True):
    """What goes through rows: tables that are written anew or read whole, indexes that are built; dotted SQL names."""

    rewrites: tuple[str, ...] = ()
    scans: tuple[str, ...] = ()
    builds: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rewrites or self.scans or self.builds)

    def __add__(self, other: Work) -> Work:
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Work(*(tuple(dict.fromkeys((*mine, *theirs))) for mine, theirs in pairs))


ConditionState = Literal["exists", "is absent", "is valid", "holds"]


class Condition(msgspec.Struct, frozen=True):
    """A question to the catalog whose answer says that a step's effect is there.

    `kind` is schema, table, column, index, constraint, type, sequence, value (of an enum) or query; `name` the raw name
    parts (a column or constraint as schema, table, name; an enum value as schema, type, label); for a query, one part:
    the SELECT, and the state is `holds`.
    """

    kind: str
    name: tuple[str, ...]
    state: ConditionState


class Backfill(msgspec.Struct, frozen=True):
    """How a step goes through a table in batches, each in a transaction of its own together with how far it got.

    `table` are the raw name parts, schema and name (an empty schema: the tenant's); `key` the raw names of the columns
    that it goes by: those of a unique index, all NOT NULL. `batch` is the number of rows that no batch exceeds, `pause`
    a PostgreSQL duration between two batches; None where the runner's own count.
    """

    table: tuple[str, str]
    key: tuple[str, ...]
    batch: int | None = None
    pause: str | None = None


class Step(msgspec.Struct, frozen=True):
    """What runs, is recorded and is resumed as one.

    `transaction`: the step runs in one transaction together with its record; otherwise `sql` is a single statement,
    which with `backfill` runs batch by batch.
    `lock_timeout` and `statement_timeout` are PostgreSQL durations (`4s`, `0`), None where the runner's own count.
    `statements` is what the step was made of: empty for a step read from a file. `line` is where its header stands in
    that file, counted from 1; 0 for a step that was not read.
    """

    sql: str
    transaction: bool = True
    lock_timeout: str | None = None
    statement_timeout: str | None = None
    done_when: Condition | None = None
    statements: tuple[Statement, ...] = ()
    line: int = 0
    backfill: Backfill | None = None

    @property
    def lock(self) -> Lock:
        """The strongest lock that any of its statements takes."""
        return max((s.lock for s in self.statements), key=lambda lock: lock.rank, default=Lock.NONE)

    @property
    def locks(self) -> dict[str, Lock]:
        """The strongest lock on each relation, as a dotted SQL name."""
        strongest: dict[str, Lock] = {}
        for statement in self.statements:
            for relation, lock in statement.locks.items():
                if lock.rank > strongest.get(relation, Lock.NONE).rank:
                    strongest[relation] = lock
        return strongest

    @property
    def held(self) -> dict[str, Lock]:
        """The strongest lock on each relation but the tables and sequences that it makes itself."""
        made = {s.change.removeprefix(f"create {kind} ") for s in self.statements for kind in ("table", "sequence")}
        return {relation: lock for relation, lock in self.locks.items() if relation not in made}

    @property
    def hazards(self) -> tuple[Hazard, ...]:
        """The hazards of all its statements, in order."""
        return tuple(hazard for s in self.statements for hazard in s.hazards)

    @property
    def work(self) -> Work:
        """What its statements go through of what was there before."""
        return sum((statement.work for statement in self.statements), Work())

    @property
    def breaks_old_code(self) -> bool:
        """Whether code that ran before it may not work after it."""
        return any(hazard.code is HazardCode.BREAKS_OLD_CODE for hazard in self.hazards)
