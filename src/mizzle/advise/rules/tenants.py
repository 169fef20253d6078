"""What a schema of many tenants needs: look-ups by tenant, ids nobody guesses, rows that only their tenant sees."""

from __future__ import annotations

from collections.abc import Iterator

from mizzle import names
from mizzle.advise.coverage import leads
from mizzle.advise.facts import Column, Facts, Table
from mizzle.advise.findings import Code, Finding
from mizzle.advise.naming import Names
from mizzle.advise.rules.foreign_keys import cost
from mizzle.advise.tenancy import Belonging, Tenancy
from mizzle.advise.wording import extent

_INTEGERS = frozenset({"int2", "int4", "int8"})
_SETTING = "app.tenant_id"
_SET_NULL = "n"


def without_index(facts: Facts, tenancy: Tenancy, named: Names) -> Iterator[Finding]:
    """Yield tenant columns that lead no index and have no foreign key, which is a finding of its own then."""
    for each in tenancy.belongings.values():
        table, column = each.table, each.column
        if each.key is not None or leads(table, column) is not None:
            continue
        proposal = named.propose(table, (column.name,))
        within = [index.name for index in table.indexes if column.number in index.key_columns[1:]]
        found = [f"no index of {table.sql} begins with {column.name}"]
        found += [f"{name} has it behind other columns" for name in within]
        if facts.live:
            found.append(extent(table))
        yield Finding(
            Code.TENANT_COLUMN_WITHOUT_INDEX,
            table.sql_of(column),
            f"every query for one tenant's rows of {table.sql} reads the rows of all",
            evidence=tuple(found),
            gain="a tenant's queries read that tenant's rows",
            cost=cost(facts, proposal),
            statements=(proposal.sql,),
            model=proposal.model,
            proposal=proposal,
            weight=table.bytes,
        )


def guessable(facts: Facts, tenancy: Tenancy) -> Iterator[Finding]:
    """Yield tables of tenants, and of the tenants themselves, whose ids are counted up."""
    for table in (tenancy.tenants, *(each.table for each in tenancy.belongings.values())):
        key = table.primary_key
        if key is None or key.keys != 1:
            continue
        column = table.column(key.key_columns[0])
        if column.base in _INTEGERS and _counted(table, column):
            referring = len(facts.referrers.get(table.oid, ()))
            yield Finding(
                Code.GUESSABLE_KEY,
                table.sql_of(column),
                f"ids of {table.sql} are counted up: whoever has one can guess those of other tenants",
                evidence=(
                    f"{column.name} {column.type} takes its values from a sequence",
                    f"{referring} foreign keys refer to {table.sql}",
                ),
                gain="an id that leaks, or is tried, says nothing of others",
                cost="16 bytes instead of 4 or 8 in the table, its indexes and all that refers to it",
                instead="show another id outside: a unique column `uuid DEFAULT gen_random_uuid()`; or ask whose it is",
            )


def _counted(table: Table, column: Column) -> bool:
    return column.identity or any(each.column == column.number for each in table.sequences)


def without_row_security(tenancy: Tenancy) -> Iterator[Finding]:
    """Yield tables of tenants whose rows every session may see."""
    for each in tenancy.belongings.values():
        if not each.table.row_security:
            yield _bare(each)


def _bare(each: Belonging) -> Finding:
    table, column = each.table, names.ident(each.column.name)
    setting = f"(SELECT nullif(current_setting('{_SETTING}', true), '')::{each.column.type})"
    return Finding(
        Code.WITHOUT_ROW_SECURITY,
        table.sql,
        f"a query on {table.sql} that forgets its tenant sees the rows of all",
        evidence=(f"{column} says whose a row is, and row level security is not enabled",),
        gain="PostgreSQL adds the tenant to every query, of whoever forgot it",
        cost=f"the application sets {_SETTING} in each transaction; its owner and superusers are not held to it",
        statements=(
            f"ALTER TABLE {table.sql} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY own_tenant ON {table.sql} USING ({column} = {setting})",
        ),
        weight=table.bytes,
    )


def nullable(tenancy: Tenancy) -> Iterator[Finding]:
    """Yield tenant columns that may be NULL, but where ON DELETE SET NULL says that they are meant to be."""
    for each in tenancy.belongings.values():
        table, column = each.table, each.column
        if column.not_null or (each.key is not None and each.key.on_delete == _SET_NULL):
            continue
        found = [f"{column.name} {column.type}, without NOT NULL"]
        if column.nulls is not None:
            found.append(f"{column.nulls * 100:.1f} % of the rows have none")
        yield Finding(
            Code.NULLABLE_TENANT_COLUMN,
            table.sql_of(column),
            f"a row of {table.sql} may belong to no tenant: a filter by tenant never shows it, and a policy hides it",
            evidence=tuple(found),
            gain="no row is nobody's",
            cost="rows without a tenant need one first",
            statements=(f"ALTER TABLE {table.sql} ALTER COLUMN {names.ident(column.name)} SET NOT NULL",),
            weight=table.bytes,
        )
