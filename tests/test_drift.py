"""No difference where there is none: what migrations made on any major is what they say, superuser or not.

A sample of the pairs in ../shared/cases on PostgreSQL 15 and 18; all, on each of the versions, with `make drift`.
MIZZLE_TEST_SCRATCH is the major version of the scratch server, 18 where it is not set.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from mizzle.catalog.access import KINDS
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.differ.compare import compare, describe
from mizzle.errors import DatabaseError, Unsupported
from mizzle.names import ident
from mizzle.planning import roles
from mizzle.planning.plan import plan
from mizzle.planning.requirements import required
from mizzle.planning.script import parse
from mizzle.project.config import Config
from mizzle.project.project import Project
from mizzle.project.replay import sides
from mizzle.prove import Scratch, execute
from mizzle.runner.migrate import migrate
from roles import with_roles
from runner_units import unit
from shared_pairs import is_about_roles, load_or_skip, majors, pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from servers import Server

_SCRATCH = int(os.environ.get("MIZZLE_TEST_SCRATCH", "18"))
_NOT_ALLOWED = "42501"
_OWNER = "drift_owner"


@pytest.fixture(scope="session")
def compared_on(server_of: Callable[[int], Server]) -> Iterator[Scratch]:
    with Scratch(server_of(_SCRATCH).admin_url, private=False) as server:
        yield server


@pytest.mark.parametrize("major", majors("15,18"))
@pytest.mark.parametrize(("old", "new"), pairs(one_of=80))
def test_what_migrations_made_is_what_they_say(  # noqa: PLR0913 - one for each fixture
    *,
    old: str,
    new: str,
    major: int,
    compared_on: Scratch,
    server_of: Callable[[int], Server],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    server, scratch = server_of(major), compared_on
    for schema in dict.fromkeys((old, new)):
        load_or_skip(server, schema)
        access = is_about_roles(schema)
        scratch.also = tuple(KINDS) if access else ()
        try:
            wanted = with_roles(server_of(_SCRATCH), lambda schema=schema: scratch.load(schema))
            script = plan(EMPTY, wanted, major=major).sql
        except Unsupported as error:
            pytest.skip(f"it cannot be planned from nothing: {error.message}")
        ours = made_on_scratch(scratch, wanted)
        url, role = made_live(server, script)
        record_property("role", role)
        schemas = tuple(sorted({where.schema for where in wanted.addresses()} - {""} | {"public"}))
        project = Project(Config(root=tmp_path, schemas=schemas, manage=tuple(KINDS) if access else ()))
        try:
            assert describe(compare(*sides(lambda: scratch, project, url, ours))) == ()
            with psycopg.connect(url, autocommit=True) as by_hand:
                by_hand.execute(f"CREATE TABLE {ident(schemas[0])}.by_hand (id integer)".encode())
            found = describe(compare(*sides(lambda: scratch, project, url, ours)))
            assert found == (f"create table {ident(schemas[0])}.by_hand",)
        finally:
            server.drop(url)


def made_on_scratch(scratch: Scratch, wanted: Catalog) -> Catalog:
    """Return what a snapshot holds: what scratch says after the migration."""
    with scratch.database() as connection:
        execute(scratch, connection, parse(plan(EMPTY, wanted).sql, name="up.sql"), name="up.sql")
        return scratch.read(connection)


def made_live(server: Server, script: str) -> tuple[str, str]:
    """Run a migration as an owner who may make no databases, or where that is not allowed as a superuser.

    Return the database's URL for that role, and the role.
    """
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        steps = parse(script, name="up.sql").steps
        for role in {_OWNER, *roles.named(each for step in steps for each in required(step))}:
            if admin.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).rowcount == 0:
                admin.execute(f"CREATE ROLE {ident(role)} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE".encode())
    for role in (_OWNER, "postgres"):
        url = make_conninfo(server.create(), user=role)
        with psycopg.connect(url, user="postgres", autocommit=True) as admin:
            admin.execute(f'ALTER DATABASE "{admin.info.dbname}" OWNER TO {role}'.encode())
            admin.execute(f"ALTER SCHEMA public OWNER TO {role}".encode())
        try:
            migrate(url, [unit("20260101000000_it", script)])
        except DatabaseError as error:
            server.drop(url)
            if error.sqlstate == _NOT_ALLOWED and role == _OWNER:
                continue
            raise
        return url, role
    raise AssertionError
