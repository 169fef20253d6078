"""Advice on real schemas: PostgreSQL's own planner says of each foreign key whether an index serves it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mizzle import names
from mizzle.advise.naming import Names
from mizzle.advise.plans import planned
from mizzle.advise.rules.foreign_keys import without_index
from mizzle.project.config import Config
from mizzle.project.ground import ground
from mizzle.project.project import Project

if TYPE_CHECKING:
    from mizzle.advise.facts import ForeignKey, Table
    from mizzle.runner.connection import Connection

_FIRST = b"""
SELECT pg_get_indexdef(i.indexrelid, 1, false) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = %s AND c.relname = ANY (%s)
"""
LARGE = {"dhis2_base", "postgrest_big"}
"""Half of the tables, and most of the time: with MIZZLE_TEST_FUZZ."""

DUMPS = Path(__file__).parents[1].parent / "shared" / "dumps"


@pytest.mark.skipif(not DUMPS.is_dir(), reason="the dumps are not here")
@pytest.mark.parametrize("dump", sorted(DUMPS.glob("*.sql")), ids=lambda path: path.stem)
def test_finds_just_the_foreign_keys_that_the_planner_has_no_index_for(dump: Path) -> None:
    """With scans of whole tables discouraged, a look-up by the foreign key goes by an index wherever there is one.

    That is one that begins with a column of the key: of any other the planner would read the whole index, or skip from
    value to value of what stands before.
    """
    if dump.stem in LARGE and "MIZZLE_TEST_FUZZ" not in os.environ:
        pytest.skip("large: make fuzz")
    project = Project(Config(root=dump.parent, schemas=()))
    try:
        with ground(project, str(dump)) as found:
            facts = found.facts
            parted = {table.sql for table in facts.ordinary() if table.partition_by is not None}
            bare = {each.subject for each in without_index(facts, Names(facts))}
            bare = {each for each in bare if each.rpartition(".")[0] not in parted}
            found.connection.execute(b"SET enable_seqscan = off")
            without = {
                names.dotted(table.schema, table.name, key.name)
                for table in facts.ordinary()
                for key in table.foreign_keys
                if table.partition_by is None  # its plans name the indexes of partitions
                if not _by_index(found.connection, table, key)
            }
    finally:
        project.close()
    assert bare == without


def _by_index(connection: Connection, table: Table, key: ForeignKey) -> bool:
    """Say whether the planner finds the rows of a foreign key by an index, as a deletion looks for them."""
    columns = [table.column(each) for each in key.columns if not table.column(each).base.endswith("range")]
    wanted = " AND ".join(f"{names.ident(each.name)} = (SELECT NULL::{each.type})" for each in columns)
    row = connection.execute(
        f"EXPLAIN (VERBOSE, FORMAT JSON) SELECT 1 FROM {table.sql} WHERE {wanted}".encode()
    ).fetchone()
    assert row is not None
    used = sorted(planned(row[0][0]).indexes)
    first = connection.execute(_FIRST, (table.oid, used)).fetchall()
    return bool({name for (name,) in first} & {names.ident(each.name) for each in columns})
