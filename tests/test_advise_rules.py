"""What advice is given on schemas: each case's findings and no other, on a real server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import Column, Index, Integer, MetaData, Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex

from advice_cases import CASES, Case
from mizzle.advise import read, tenancy
from mizzle.advise.examine import examine
from mizzle.advise.naming import Names
from mizzle.advise.thresholds import Thresholds
from mizzle.errors import ConfigError
from mizzle.project.database import migrate
from mizzle.runner.connection import connect
from portal_specification import expected_foreign_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mizzle.advise.findings import Finding
    from servers import Server

MIGRATIONS = Path(__file__).parents[1] / "portal" / "migrations"
_NEWER = ("WITHOUT OVERLAPS",)


def examined(url: str, *, tenants: str = "", live: bool = False, limits: Thresholds | None = None) -> Sequence[Finding]:
    """Return all findings in a database."""
    with connect(url) as connection:
        facts = read.read(connection, live=live)
    found = tenancy.find(facts, tenants)
    return examine(facts, found, Names(facts), limits=limits or Thresholds(), queries=False)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_finds_what_is_wrong_and_nothing_else(case: Case, any_database: str, any_server: Server) -> None:
    if any_server.major < 18 and any(word in case.ddl for word in _NEWER):
        pytest.skip(f"PostgreSQL {any_server.major} has not {_NEWER[0]}")
    with psycopg.connect(any_database, autocommit=True) as connection:
        connection.execute(case.ddl.encode())
    found = examined(any_database)
    assert tuple(each.key for each in found) == case.found
    if case.does:
        assert case.does in {statement for each in found for statement in each.statements}


@pytest.mark.parametrize("case", [case for case in CASES if case.found], ids=lambda case: case.name)
def test_what_is_advised_is_accepted_and_ends_the_finding(case: Case, database: str) -> None:
    """Statements run as they are, and nothing is left to advise but what they do not do."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(case.ddl.encode())
        found = examined(database)
        for statement in dict.fromkeys(each for finding in found for each in finding.statements):
            connection.execute(statement.encode())
    left = {each.key for each in examined(database)}
    assert left == {each.key for each in found if each.instead}


def test_what_the_models_say_is_python_whatever_the_names(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(r"""
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE "C\c" ("P""q:r" int REFERENCES p);
INSERT INTO "C\c" SELECT NULL FROM generate_series(1, 1000);
ANALYZE;
""")
        (finding,) = examined(database, live=True)
        made = eval(finding.model, {"Index": Index, "text": text})  # noqa: S307 - it is what a person would paste
        table = Table(r"C\c", MetaData(), Column('P"q:r', Integer))
        table.append_constraint(made)
        compiled = str(CreateIndex(made).compile(dialect=postgresql.dialect()))
        assert compiled == finding.statements[0].replace("public.", "")


def test_a_table_of_tenants_that_the_setting_does_not_tell_apart(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA a; CREATE TABLE a.tenants (); CREATE SCHEMA b; CREATE TABLE b.tenants ()")
    with pytest.raises(ConfigError, match="several tables are called so") as raised:
        examined(database, tenants="tenants")
    assert raised.value.hint == "name one of a.tenants, b.tenants"
    with pytest.raises(ConfigError, match="there is no such table"):
        examined(database, tenants="c.tenants")
    assert examined(database, tenants="b.tenants") == ()


class TestPortal:
    """The first user's schema: Must show 2."""

    @pytest.fixture
    def portal(self, database: str) -> str:
        migrate(database, MIGRATIONS)
        return database

    def test_every_foreign_key_without_an_index_and_no_other(self, portal: str) -> None:
        indexed = {
            ("memberships", "user_id"),
            ("memberships", "tenant_id"),
            ("sessions", "user_id"),
            ("report_weeks", "tenant_id"),
            ("sync_runs", "tenant_id"),
            ("ct_raw_snapshots", "tenant_id"),
        }
        keys = expected_foreign_keys()
        bare = {f"public.{key.table}.{key.name}" for key in keys if (key.table, key.column) not in indexed}
        found = {each.subject for each in examined(portal) if each.code == "foreign-key-without-index"}
        assert found == bare
        assert len(bare) == 14

    def test_it_is_seen_to_be_of_many_tenants(self, portal: str) -> None:
        found = {each.key for each in examined(portal)}
        assert "nullable-tenant-column public.memberships.tenant_id" in found
        assert "nullable-tenant-column public.audit_log.tenant_id" not in found  # ON DELETE SET NULL wants it so
        assert "without-row-security public.sync_runs" in found
        assert not any(key.startswith("guessable-key") for key in found)
        assert found == {each.key for each in examined(portal, tenants="tenants")}
