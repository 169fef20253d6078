"""What a statement did to others, read from a server: relations before and after it, locks, and what it said meanwhile.

Locks stand in pg_locks; what is written anew has another file afterwards; what is read whole, the server says at DEBUG1
(`verifying table`, `validating foreign key constraint`) and counts. Those messages are in English on every server from
14 on: errmsg_internal() in src/backend/commands/tablecmds.c is not translated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, Self

import msgspec

from mizzle import names
from mizzle.planning.steps import Lock
from mizzle.sqltext import tokens

if TYPE_CHECKING:
    from mizzle.server.session import Connection

_RELATIONS = r"""
SELECT c.oid, n.nspname, c.relname, c.relkind::text, pg_catalog.pg_relation_filenode(c.oid), coalesce(i.indrelid, 0),
    coalesce(pg_catalog.pg_stat_get_xact_numscans(c.oid), 0)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'm', 'f', 'i', 'I', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
_CHILDREN = """
SELECT conname, conrelid FROM pg_catalog.pg_constraint WHERE contype = 'f' AND conname = ANY (%s)
"""
_LOCKS = {lock.value.title().replace(" ", "") + "Lock": lock for lock in Lock}
_WRITING = Lock.ROW_EXCLUSIVE.rank
_VERIFIED, _VALIDATED = "verifying table ", "validating foreign key constraint "
_QUERIES = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "VALUES", "COPY", "TABLE"})
_CHANGES = frozenset({"UPDATE", "DELETE", "MERGE", "WITH"})
BLOCKS = frozenset({"DO", "CALL"})
_STORED = frozenset("rm")


class Relation(NamedTuple):
    """A relation as it is at one time; `kind` as pg_class has it, `file` its file, `scans` how often it was read.

    `table` is the oid of an index's table; `scans` counts in the open transaction.
    """

    schema: str
    name: str
    kind: str
    file: int | None
    table: int
    scans: int

    def __str__(self) -> str:
        return names.dotted(self.schema, self.name)


Relations = Mapping[int, Relation]
"""The relations of a database that are no system's, by oid: a rename does not change that."""


class Observed(msgspec.Struct, frozen=True):
    """What one statement, or the statements of a step, did to relations that were there before; dotted SQL names.

    `locks` are the strongest that were held, by table, index, materialized view and sequence. `rewrites` are the tables
    and materialized views that have a new file; `emptied` those that TRUNCATE gave one. `scans` are the tables read
    whole, to see whether their rows fit, `builds` the indexes that were filled from a table that was there, by their
    names afterwards. A rewrite reads the table and builds its indexes, of which only the latter is told; a foreign key
    reads its own table, and looks into the other.
    """

    locks: dict[str, Lock] = {}
    rewrites: frozenset[str] = frozenset()
    scans: frozenset[str] = frozenset()
    builds: frozenset[str] = frozenset()
    emptied: frozenset[str] = frozenset()
    tables: dict[str, str] = {}
    """The table of each index in `builds`."""
    swept: frozenset[str] = frozenset()
    """Tables that a query changes rows of, for which it reads all of them: on empty tables, with enable_seqscan off."""

    def also(self, other: Self) -> Observed:
        """Return what both did."""
        return Observed(
            strongest(self.locks, other.locks),
            self.rewrites | other.rewrites,
            self.scans | other.scans,
            self.builds | other.builds,
            self.emptied | other.emptied,
            {**self.tables, **other.tables},
            self.swept | other.swept,
        )


def strongest(one: Mapping[str, Lock], other: Mapping[str, Lock]) -> dict[str, Lock]:
    """Return the stronger lock on each relation."""
    weaker = {name: lock for name, lock in one.items() if lock.rank > other.get(name, Lock.NONE).rank}
    return {**one, **other, **weaker}


def relations(connection: Connection) -> dict[int, Relation]:
    """Return the relations that are there."""
    return {oid: Relation(*rest) for oid, *rest in connection.execute(_RELATIONS.encode()).fetchall()}


class Moment(NamedTuple):
    """The relations before and after a statement, those that count, and the locks that are held."""

    then: Relations
    now: Relations
    counted: Relations
    held: Mapping[int, Lock]

    def named(self, oid: int) -> str:
        """Return the name that a relation had when it was there before."""
        return str(self.counted[oid])

    def anew(self, kinds: frozenset[str]) -> Iterator[int]:
        """Yield what has a file that it had not."""
        files = {relation.file for relation in self.then.values()}
        for oid, relation in self.now.items():
            if relation.kind in kinds and relation.file is not None and relation.file not in files:
                yield oid

    def read(self) -> Iterator[int]:
        """Yield the tables that were read more often than before."""
        for oid, relation in self.now.items():
            before = self.then[oid].scans if oid in self.then else 0
            if relation.kind in _STORED and relation.scans > before:
                yield oid


def by_oid(rows: list[tuple[int, str]]) -> dict[int, Lock]:
    """Return the strongest lock on each relation, from rows of pg_locks: a relation and a mode."""
    held: dict[int, Lock] = {}
    for oid, mode in rows:
        held[oid] = max(held.get(oid, Lock.NONE), _LOCKS[mode], key=lambda lock: lock.rank)
    return held


def told(connection: Connection, sql: str, at: Moment, messages: tuple[str, ...]) -> Observed:
    """Return what a statement did. A materialized view that is refreshed is read by nobody's check, hence its verb."""
    verb = verb_of(sql)
    locks = {at.named(oid): lock for oid, lock in at.held.items() if oid in at.counted}
    anew = frozenset(at.named(oid) for oid in at.anew(_STORED) if oid in at.counted)
    if verb == "TRUNCATE":  # each has an empty file now, and so have its indexes
        return Observed(locks, emptied=anew)
    built = {oid: at.now[oid].table for oid in at.anew(frozenset("i")) if at.now[oid].table in at.counted}
    scans = _scans(connection, at, messages)
    if not scans and verb not in _QUERIES:  # a domain's check and a default partition's are not told of
        worked = {*built.values(), *at.anew(_STORED)}
        scans = {oid for oid in at.read() if _stands_in_the_way(at.held.get(oid)) and oid not in worked}
    return Observed(
        locks,
        anew,
        frozenset(at.named(oid) for oid in scans if oid in at.counted),
        frozenset(str(at.now[oid]) for oid in built),
        tables={str(at.now[oid]): at.named(table) for oid, table in built.items()},
        swept=frozenset(_swept(at, verb)),
    )


def _swept(at: Moment, verb: str) -> Iterator[str]:
    """Yield what was read whole by what changes rows; in a block, what has no stronger lock, as DDL takes it."""
    if verb not in _CHANGES and verb not in BLOCKS:
        return
    for oid in at.read():
        rank = at.held.get(oid, Lock.NONE).rank
        if oid in at.counted and (rank == _WRITING if verb in BLOCKS else rank >= _WRITING):
            yield at.named(oid)


def verb_of(sql: str) -> str:
    """Return the first word of a statement, in upper case."""
    return next((token.text.upper() for token in tokens(sql) if token.significant), "")


def _stands_in_the_way(lock: Lock | None) -> bool:
    return lock is not None and lock.rank >= Lock.SHARE_UPDATE_EXCLUSIVE.rank


def _scans(connection: Connection, at: Moment, messages: tuple[str, ...]) -> set[int]:
    """Return what the server said that it reads: it names neither the schema of a table nor the one of a constraint."""
    verified = {_quoted(each) for each in messages if each.startswith(_VERIFIED)}
    found = {oid for oid in at.held if oid in at.now and at.now[oid].name in verified}
    if len(found) > len(verified):  # of two with the same name, the one that was read
        found = found.intersection(at.read()) or found
    validated = [_quoted(each) for each in messages if each.startswith(_VALIDATED)]
    if validated:
        rows = connection.execute(_CHILDREN, (validated,)).fetchall()
        for name in {*validated}:
            called = {oid for conname, oid in rows if conname == name and oid in at.held and oid in at.now}
            stored = {oid for oid in called if at.now[oid].kind in _STORED}
            # Partitions have keys of the same name: the one that was looked through may be new, and not count.
            found |= stored if len(stored) <= validated.count(name) else stored.intersection(at.read())
    return found


def _quoted(message: str) -> str:
    """Return the name in a message: between its first and its last quotation mark, as it is, whatever it holds."""
    return message[message.index('"') + 1 : message.rindex('"')]
