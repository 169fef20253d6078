"""Identity columns."""

from __future__ import annotations

from dataclasses import replace

from mizzle import names
from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.column import Column, Identity
from mizzle.catalog.table import Table
from mizzle.planning.context import Context
from mizzle.planning.needs import default_of
from mizzle.planning.operations import Operation
from mizzle.planning.recipes import sequence
from mizzle.planning.recipes.altering import altering
from mizzle.planning.steps import Statement


def reach(table: Table, old: Column, new: Column, wanted: Identity) -> list[Statement]:
    """Return what gives a column an identity, or changes the one it has."""
    if old.identity is None:
        added = altering(table, new, f"ADD {clause(table.address, new.name, wanted)}")
        where = address.sequence(table.schema, wanted.sequence)
        return [added, sequence.past_rows(where, table.address_of(new), wanted.options)]
    return _alter(table, new, old.identity, wanted)


def rename_sequence(table: Table, old: Column, new: Column, context: Context) -> list[Operation]:
    """Give the sequence behind an identity its new name: to those that use it, another default."""
    if old.identity is None or new.identity is None or old.identity.sequence == new.identity.sequence:
        return []
    before, after = (address.sequence(table.schema, each.sequence) for each in (old.identity, new.identity))
    operations = sequence.renamed(before, after, context)
    return [*operations[:-1], replace(operations[-1], alters=frozenset({default_of(table.address_of(new))}))]


def _alter(table: Table, column: Column, old: Identity, new: Identity) -> list[Statement]:
    statements: list[Statement] = []
    if old.always != new.always:
        statements.append(altering(table, column, f"SET GENERATED {_mode(new)}"))
    if old.options != new.options:
        wanted = [each for each in sequence.changes(old.options, new.options) if not each.startswith("AS ")]
        said = " ".join(each if each == "RESTART" else f"SET {each}" for each in wanted)
        where = address.sequence(table.schema, new.sequence)
        statements += sequence.fitting(where, old.options, new.options)
        statements += [altering(table, column, said)] if said else []
    return statements


def clause(table: Address, column: str, identity: Identity) -> str:
    """Return GENERATED … AS IDENTITY."""
    options = sequence.clauses(identity.options)
    options = [each for each in options if not each.startswith("AS ")]
    if identity.sequence != names.default_name(table.name, (column,), "seq"):
        options.insert(0, f"SEQUENCE NAME {address.sequence(table.names[0], identity.sequence).sql}")
    said = f" ({' '.join(options)})" if options else ""
    return f"GENERATED {_mode(identity)} AS IDENTITY{said}"


def _mode(identity: Identity) -> str:
    return "ALWAYS" if identity.always else "BY DEFAULT"
