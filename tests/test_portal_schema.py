"""The portal's database is the specified one: `portal_specification.py` against what a real PostgreSQL says.

Nothing here is derived from the models: what is compared with the specification is what `pg_catalog` says of a
database that one of `BUILDERS` made.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import ForeignKeyViolation, NotNullViolation, UniqueViolation

from portal_catalog import columns, enums, everything, foreign_keys, keys, plain_indexes, tables
from portal_specification import (
    ENUMS,
    ID,
    INDEXED,
    SPECIFICATION,
    Column,
    expected_columns,
    expected_foreign_keys,
    specified_objects,
)
from servers import Server, database_name

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).parents[1]
PORTAL = ROOT / "portal"
SPEC_FILE = ROOT.parent / "shared" / "spec" / "portal-database.md"

# ---------------------------------------------------------------------------------------------------------------------
# The databases under test
# ---------------------------------------------------------------------------------------------------------------------


def build_by_create_all(url: str) -> None:
    """The models straight to the database, by SQLAlchemy itself."""
    program = "from portal.db.client import Base, engine; Base.metadata.create_all(engine)"
    environment = os.environ | {"DATABASE_URL": url, "PYTHONPATH": str(PORTAL)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)


def build_by_migrate(url: str) -> None:
    """The committed migrations on an empty database."""
    command = [sys.executable, "-m", "mizzle", "-C", str(PORTAL), "migrate"]
    subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=True)


BUILDERS: dict[str, Callable[[str], None]] = {
    "create_all": build_by_create_all,
    "migrate": build_by_migrate,
}
SERVERS = ("pg18", "pg15")


@pytest.fixture(scope="session", params=[(builder, server) for builder in BUILDERS for server in SERVERS], ids="-".join)
def built_portal(request: pytest.FixtureRequest) -> tuple[Server, str]:
    """A server and the URL of a portal database on it to be copied: each of the ways, on each of the servers."""
    builder, name = request.param
    server: Server = request.getfixturevalue(name)
    url = server.create(f"portal by {builder}")
    BUILDERS[builder](url)
    return server, url


@pytest.fixture
def portal_database(built_portal: tuple[Server, str]) -> Iterator[str]:
    """The URL of a portal database of one's own."""
    server, built = built_portal
    url = server.create(template=database_name(built))
    yield url
    server.drop(url)


@pytest.fixture
def portal(portal_database: str) -> Iterator[psycopg.Connection]:
    """A connection to the portal database; each statement stands for itself."""
    with psycopg.connect(portal_database, autocommit=True) as connection:
        yield connection


# ---------------------------------------------------------------------------------------------------------------------
# Rows to try the rules with
# ---------------------------------------------------------------------------------------------------------------------


def insert(portal: psycopg.Connection, table: str, **values: object) -> uuid.UUID:
    """A row with these values and the server's own for all others; its id."""
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
        sql.Identifier("public", table),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(map(sql.Placeholder, values)),
    )
    return scalar(portal, statement, values)


def count(portal: psycopg.Connection, table: str) -> int:
    """How many rows `table` has."""
    return scalar(portal, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", table)))


def scalar(portal: psycopg.Connection, statement: sql.Composed, values: Mapping[str, object] | None = None) -> Any:
    """The one value that `statement` returns."""
    row = portal.execute(statement, values).fetchone()
    assert row is not None
    return row[0]


def insert_week(portal: psycopg.Connection, tenant: uuid.UUID, **values: object) -> uuid.UUID:
    """A report week of `tenant`."""
    week = {"week_ending_date": "2026-01-18", "period_start_at": "2026-01-12", "period_end_at": "2026-01-19"}
    return insert(portal, "report_weeks", tenant_id=tenant, **week, **values)


# ---------------------------------------------------------------------------------------------------------------------
# The statement here is the specification's
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not SPEC_FILE.exists(), reason="the specification is not beside the repository")
def test_the_tables_here_are_those_of_the_specification() -> None:
    rows = [line for line in SPEC_FILE.read_text().splitlines() if line.startswith("|")]
    for table, text in SPECIFICATION.items():
        assert f"| {table} | {text} |" in rows
    for name, labels in ENUMS.items():
        assert f"| `{name}` | {', '.join(labels)} |" in rows
    for table, column in INDEXED:
        assert any(row.startswith(f"| {table} | {column} | ") for row in rows)


def test_the_statement_has_the_specified_numbers() -> None:
    assert (len(SPECIFICATION), len(ENUMS), len(expected_foreign_keys()), len(INDEXED)) == (15, 5, 20, 8)


# ---------------------------------------------------------------------------------------------------------------------
# R1 to R10
# ---------------------------------------------------------------------------------------------------------------------


def test_r1_there_are_no_more_objects_and_no_fewer(portal: psycopg.Connection) -> None:
    indexes = {f"index {table}_{column}_idx" for table, column in INDEXED}
    assert everything(portal) == specified_objects() | indexes


def test_every_column_is_the_specified_one_in_the_specified_order(portal: psycopg.Connection) -> None:
    assert {table: columns(portal, table) for table in tables(portal)} == {
        table: expected_columns(table) for table in SPECIFICATION
    }


def test_r2_every_id_is_a_random_uuid_from_the_server(portal: psycopg.Connection) -> None:
    assert keys(portal, "p") == {f"{table}_pkey": f"{table} PRIMARY KEY (id)" for table in SPECIFICATION}
    assert {columns(portal, table)[0] for table in SPECIFICATION} == {ID}
    identifier = insert(portal, "tenants", name="Acme")
    assert identifier.version == 4


def test_r3_an_agency_admin_has_no_tenant(portal: psycopg.Connection) -> None:
    admin = insert(portal, "users", email="admin@example.com")
    insert(portal, "memberships", user_id=admin, role="agency_admin")
    with pytest.raises(NotNullViolation, match="user_id"):
        insert(portal, "memberships", role="agency_admin")


def test_r4_the_email_of_a_user_is_unique(portal: psycopg.Connection) -> None:
    insert(portal, "users", email="one@example.com")
    with pytest.raises(UniqueViolation, match="users_email_unique"):
        insert(portal, "users", email="one@example.com")


def test_r5_the_columns_that_better_auth_and_the_invitations_need_are_there(portal: psycopg.Connection) -> None:
    user = {column.name: column for column in columns(portal, "users")}
    assert user["password_hash"] == Column("password_hash", "text", not_null=False)
    assert user["status"] == Column("status", "user_status", not_null=True, default="'pending'::user_status")
    assert user["invite_token"] == Column("invite_token", "text", not_null=False)
    assert user["invite_expires_at"] == Column("invite_expires_at", "timestamp without time zone", not_null=False)


def test_r6_the_token_of_a_session_is_unique(portal: psycopg.Connection) -> None:
    user = insert(portal, "users", email="one@example.com")
    insert(portal, "sessions", user_id=user, token="t", expires_at="2026-01-01")
    with pytest.raises(UniqueViolation, match="sessions_token_unique"):
        insert(portal, "sessions", user_id=user, token="t", expires_at="2026-01-01")
    assert keys(portal, "u") == {
        "sessions_token_unique": "sessions UNIQUE (token)",
        "users_email_unique": "users UNIQUE (email)",
    }


def test_r7_timestamps_have_no_zone_and_the_server_sets_those_of_creation(portal: psycopg.Connection) -> None:
    all_columns = [column for table in SPECIFICATION for column in columns(portal, table)]
    assert not [column for column in all_columns if "with time zone" in column.type]
    kept = {column for column in all_columns if column.name in {"created_at", "updated_at"}}
    assert {(column.type, column.default) for column in kept} == {("timestamp without time zone", "now()")}


def test_r8_names_of_keys_and_indexes_follow_the_rule(portal: psycopg.Connection) -> None:
    assert {key.name for key in foreign_keys(portal)} == {
        f"{key.table}_{key.column}_{key.referred}_id_fk" for key in foreign_keys(portal)
    }
    assert plain_indexes(portal) == {
        f"{table}_{column}_idx": f"CREATE INDEX {table}_{column}_idx ON public.{table} USING btree ({column})"
        for table, column in INDEXED
    }


def test_r9_foreign_keys_do_what_is_specified_on_delete_and_nothing_on_update(portal: psycopg.Connection) -> None:
    assert foreign_keys(portal) == expected_foreign_keys()


def test_r9_deleting_a_tenant_takes_its_rows_and_leaves_the_audit_log(portal: psycopg.Connection) -> None:
    tenant = insert(portal, "tenants", name="Acme")
    week = insert_week(portal, tenant)
    insert(portal, "report_week_manual", report_week_id=week)
    insert(portal, "audit_log", tenant_id=tenant, action="tenant.created")
    portal.execute("DELETE FROM public.tenants")
    assert (count(portal, "report_weeks"), count(portal, "report_week_manual")) == (0, 0)
    assert portal.execute("SELECT tenant_id, action FROM public.audit_log").fetchall() == [(None, "tenant.created")]


def test_r9_a_user_who_published_a_week_cannot_be_deleted(portal: psycopg.Connection) -> None:
    user = insert(portal, "users", email="one@example.com")
    insert_week(portal, insert(portal, "tenants", name="Acme"), published_by=user)
    with pytest.raises(ForeignKeyViolation, match="report_weeks_published_by_users_id_fk"):
        portal.execute("DELETE FROM public.users")


def test_r10_enums_are_types_of_the_server_with_their_labels_in_order(portal: psycopg.Connection) -> None:
    assert enums(portal) == ENUMS


def test_r10_everything_is_in_schema_public(portal: psycopg.Connection) -> None:
    rows = portal.execute(
        r"SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'"
    )
    assert {name for (name,) in rows} - {"mizzle"} == {"public"}


# ---------------------------------------------------------------------------------------------------------------------
# What this project adds
# ---------------------------------------------------------------------------------------------------------------------


def test_the_eight_indexes_are_all_that_was_added(portal: psycopg.Connection) -> None:
    whole = everything(portal)
    for table, column in INDEXED:
        portal.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier("public", f"{table}_{column}_idx")))
    assert everything(portal) == specified_objects()
    assert len(whole - everything(portal)) == len(INDEXED)
    assert {table: columns(portal, table) for table in SPECIFICATION} == {
        table: expected_columns(table) for table in SPECIFICATION
    }
