"""Grants and owners where they are not managed: what is made anew keeps them. tests/cases/access.toml has the rest."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import errors

from mizzle.planning.plan import plan
from mizzle.planning.session import pin_sql
from referee import schema_text

if TYPE_CHECKING:
    from mizzle.prove import Scratch
    from servers import Server

_GRANTS = """
ALTER TABLE t OWNER TO r2; ALTER VIEW v OWNER TO r2; ALTER FUNCTION f(integer) OWNER TO r2;
GRANT SELECT ON v, m TO r1; GRANT INSERT ON v TO r1 WITH GRANT OPTION; GRANT SELECT (g), UPDATE (g) ON t TO r1;
REVOKE ALL ON FUNCTION f(integer) FROM PUBLIC; GRANT EXECUTE ON FUNCTION f(integer) TO "Role 3";
REVOKE ALL ON PROCEDURE p(integer) FROM PUBLIC;
"""
_OLD = """
CREATE TABLE t (id integer, g integer GENERATED ALWAYS AS (id + 1) STORED);
CREATE VIEW v AS SELECT id FROM t; CREATE MATERIALIZED VIEW m AS SELECT id FROM v; CREATE VIEW bare AS SELECT id FROM t;
CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE p(a integer) LANGUAGE sql AS 'SELECT 1';
"""
_NEW = """
CREATE TABLE t (id bigint, g bigint GENERATED ALWAYS AS (id + 1) STORED, n serial);
CREATE VIEW v AS SELECT id FROM t; CREATE MATERIALIZED VIEW m AS SELECT id FROM v; CREATE VIEW bare AS SELECT id FROM t;
CREATE FUNCTION f(integer) RETURNS bigint LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE p(b integer) LANGUAGE sql AS 'SELECT 1';
"""


@pytest.mark.parametrize("grants", [_GRANTS, ""], ids=["granted", "nothing granted"])
def test_what_is_made_anew_keeps_its_privileges_and_its_owner(
    grants: str, any_server: Server, scratch: Scratch
) -> None:
    scratch.also = ()
    planned = plan(scratch.load(_OLD), scratch.load(_NEW), major=any_server.major)
    url, direct = any_server.create(), any_server.create()
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            for role in ("r1", "r2", '"Role 3"'):
                with suppress(errors.DuplicateObject):
                    connection.execute(f"CREATE ROLE {role}".encode())
            connection.execute((_OLD + grants).encode())
            connection.execute(pin_sql().encode())
            for step in planned.steps:
                connection.execute(f"BEGIN; {step.sql}\n; COMMIT".encode())
        with psycopg.connect(direct, autocommit=True) as connection:
            connection.execute((_NEW + grants).encode())
        text, wanted = (schema_text(each, bin=any_server.clients, access=True) for each in (url, direct))
        assert text == wanted
        assert "GRANT" in text or not grants
    finally:
        any_server.drop(url)
        any_server.drop(direct)
