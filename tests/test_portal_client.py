"""The portal's client: ready with DATABASE_URL, one clear error without it, and no database for an import."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from servers import PASSWORD, locked_url, tcp_url

PORTAL = Path(__file__).parents[1] / "portal"


def python(program: str, *, database_url: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run `program` where the portal can be imported, with this DATABASE_URL or none."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment["PYTHONPATH"] = str(PORTAL)
    if database_url is not None:
        environment["DATABASE_URL"] = database_url
    return subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, encoding="utf-8", check=False
    )


def last_lines(process: subprocess.CompletedProcess[str]) -> list[str]:
    """The error itself, without its traceback."""
    return process.stderr.splitlines()[-2:]


NO_URL = [
    "portal.db.client.DatabaseUrlError: DATABASE_URL is not set",
    "hint: export DATABASE_URL=postgresql://USER:PASSWORD@HOST:5432/DATABASE",
]
NOT_POSTGRESQL = [
    "portal.db.client.DatabaseUrlError: DATABASE_URL is no PostgreSQL URL",
    "hint: it reads postgresql://USER:PASSWORD@HOST:5432/DATABASE",
]


def test_importing_the_client_and_its_models_needs_no_database() -> None:
    program = "from portal.db.client import Tenant, User; import portal.db.client; print(Tenant.__tablename__)"
    process = python(program)
    assert (process.returncode, process.stdout) == (0, "tenants\n")


@pytest.mark.parametrize("name", ["engine", "SessionLocal"])
def test_without_database_url_there_is_one_clear_error(name: str) -> None:
    assert last_lines(python(f"from portal.db.client import {name}")) == NO_URL


def test_an_empty_database_url_counts_as_none() -> None:
    assert last_lines(python("from portal.db.client import engine", database_url="")) == NO_URL


@pytest.mark.parametrize(
    "url", ["mysql://me:secret@host/portal", "nonsense:secret", "postgresql://me:secret@host:port/portal"]
)
def test_another_database_or_no_url_at_all_is_refused_without_printing_it(url: str) -> None:
    process = python("from portal.db.client import engine", database_url=url)
    assert last_lines(process) == NOT_POSTGRESQL
    assert "secret" not in process.stderr


def test_a_name_that_is_not_there_is_an_ordinary_attribute_error() -> None:
    process = python("import portal.db.client; portal.db.client.nothing")
    assert last_lines(process)[-1] == "AttributeError: module 'portal.db.client' has no attribute 'nothing'"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+asyncpg"])
def test_the_engine_is_ready_whichever_way_the_url_is_written(database: str, scheme: str) -> None:
    program = """
from portal.db.client import engine
from portal.db.client import engine as again
with engine.connect() as connection:
    print(connection.exec_driver_sql("SELECT current_database()").scalar() == engine.url.database, engine is again)
"""
    url = tcp_url(database).replace("postgresql", scheme, 1)
    assert python(program, database_url=url).stdout == "True True\n"


def test_a_password_with_every_character_that_a_url_escapes_works_and_is_not_shown(database: str) -> None:
    program = """
from portal.db.client import engine
with engine.connect() as connection:
    print(connection.exec_driver_sql("SELECT current_user").scalar(), engine)
"""
    process = python(program, database_url=locked_url(database))
    assert process.stdout.startswith("locked Engine(postgresql+psycopg://locked:***@")
    assert PASSWORD not in process.stdout


def test_sessions_store_and_load_models_with_the_values_that_the_server_sets(database: str) -> None:
    program = """
from portal.db.client import Base, Membership, MembershipRole, SessionLocal, Tenant, TenantStatus, User, engine
Base.metadata.create_all(engine)
with SessionLocal.begin() as session:
    admin = User(email="admin@example.com", memberships=[Membership(role=MembershipRole.AGENCY_ADMIN)])
    viewer = User(email="viewer@example.com")
    tenant = Tenant(name="Acme", memberships=[Membership(user=viewer, role=MembershipRole.TENANT_VIEWER)])
    session.add_all([admin, viewer, tenant])
with SessionLocal.begin() as session:
    tenant = session.query(Tenant).one()
    print(tenant.status is TenantStatus.ACTIVE, tenant.timezone, tenant.id.version, tenant.created_at.tzinfo)
    print([membership.user.email for membership in tenant.memberships])
    session.delete(tenant)
with SessionLocal() as session:
    print([(membership.user.email, membership.tenant) for membership in session.query(Membership)])
    print(session.connection().exec_driver_sql("SELECT DISTINCT role FROM memberships").scalars().all())
"""
    process = python(program, database_url=database)
    assert not process.stderr
    assert process.stdout.splitlines() == [
        "True America/New_York 4 None",
        "['viewer@example.com']",
        "[('admin@example.com', None)]",
        "['agency_admin']",
    ]


def test_the_client_exports_every_model_and_enum_of_the_schema_sorted() -> None:
    program = """
from portal.db import client, schema
print(set(schema.__all__) <= set(client.__all__), client.__all__ == sorted(client.__all__))
mapped = {mapper.class_.__name__ for mapper in schema.Base.registry.mappers}
print(len(mapped), mapped <= set(schema.__all__), schema.__all__ == sorted(schema.__all__))
"""
    assert python(program).stdout == "True True\n15 True True\n"
