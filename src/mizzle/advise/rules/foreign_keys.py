"""Foreign keys whose rows are not found by an index."""

from __future__ import annotations

from collections.abc import Iterator

from mizzle import names
from mizzle.advise.coverage import covering, searched, serves
from mizzle.advise.facts import Facts, ForeignKey, Index, Table
from mizzle.advise.findings import Code, Finding
from mizzle.advise.naming import Names, Proposal
from mizzle.advise.wording import extent, listed, share, size
from mizzle.planning.steps import HazardCode
from mizzle.runner.forecast import RATES

_DELETES = {"c": "deletes rows here", "n": "sets rows here to NULL", "d": "sets rows here to the default"}
_HOUR = 3600
_MOSTLY = 0.5
"""The share of NULLs from which on an index leaves them out."""


def without_index(facts: Facts, named: Names) -> Iterator[Finding]:
    """Yield foreign keys without an index; of two where one index serves both, the index of the wider one."""
    for table in facts.ordinary():
        bare = [key for key in table.foreign_keys if covering(facts, table, key) is None]
        made: list[tuple[tuple[int, ...], Proposal]] = []
        for key in sorted(bare, key=lambda each: -len(each.columns)):
            columns = searched(table, key)
            proposal = next((each for other, each in made if set(other[: len(columns)]) == set(columns)), None)
            if proposal is None:
                proposal = named.propose(table, table.names(columns), present=_mostly_null(table, key))
                made.append((columns, proposal))
            yield _finding(facts, table, key, proposal)


def _mostly_null(table: Table, key: ForeignKey) -> str:
    """Return the column that is NULL in most rows, of a foreign key of one column."""
    column = table.column(key.columns[0])
    return column.name if len(key.columns) == 1 and (column.nulls or 0) > _MOSTLY else ""


def _finding(facts: Facts, table: Table, key: ForeignKey, proposal: Proposal) -> Finding:
    referenced = names.dotted(key.ref_schema, key.ref_table)
    columns = listed(table.names(searched(table, key)))
    does = _DELETES.get(key.on_delete, "looks for rows here")
    return Finding(
        Code.FOREIGN_KEY_WITHOUT_INDEX,
        names.dotted(table.schema, table.name, key.name),
        f"no index on {columns}: a row deleted from {referenced} {does} by reading all of {table.sql}",
        evidence=_evidence(facts, table, key),
        gain=_gain(facts, table, key),
        cost=cost(facts, proposal),
        statements=(proposal.sql,),
        model=proposal.model,
        proposal=proposal,
        weight=table.bytes,
    )


def _evidence(facts: Facts, table: Table, key: ForeignKey) -> tuple[str, ...]:
    found: list[str] = []
    if facts.live:
        found.append(f"{table.sql} has {extent(table)}")
        referenced = facts.by_oid.get(key.ref_oid)
        if referenced is not None and referenced.counts.deleted:
            found.append(f"{referenced.counts.deleted:,} rows were deleted from {referenced.sql}")
    partial = [index for index in table.indexes if _would_serve(table, index, key)]
    found += [f"{index.name} holds some rows only: WHERE {index.predicate}" for index in partial]
    return tuple(found)


def _would_serve(table: Table, index: Index, key: ForeignKey) -> bool:
    first = index.key_columns[: len(key.columns)]
    return index.predicate is not None and set(first) == set(key.columns) and not serves(table, index, key.columns)


def _gain(facts: Facts, table: Table, key: ForeignKey) -> str:
    joins = "joins and look-ups by it find their rows, too"
    if not facts.live or not table.bytes:
        return f"a deletion reads the rows that refer to it instead of all; {joins}"
    seconds = table.bytes / RATES[HazardCode.TABLE_SCAN]
    column = table.column(key.columns[0])
    if column.distinct and table.rows > 0:
        distinct = column.distinct if column.distinct > 0 else -column.distinct * table.rows
        rows = table.rows / max(distinct, 1)
        return (
            f"a deletion reads about {rows:,.0f} rows instead of {extent(table)} ({seconds:.3g} s in memory); {joins}"
        )
    return f"a deletion no longer reads {extent(table)} ({seconds:.3g} s in memory); {joins}"


def cost(facts: Facts, proposal: Proposal) -> str:
    """Return what a new index costs: its size, and what it adds to the writes that the server has counted."""
    said = "one more index to keep at each insert"
    table = proposal.table
    if not facts.live or table.rows <= 0:
        return said
    found = [f"about {size(proposal.bytes())}", said]
    counts = table.counts
    if counts.inserted and facts.server.counted > _HOUR:
        found.append(f"{counts.inserted / facts.server.counted * _HOUR:,.0f} inserts an hour so far")
    if counts.updated and counts.hot_updated:
        found.append(f"{share(counts.hot_updated / counts.updated)} of its updates touch no index now")
    return "; ".join(found)
