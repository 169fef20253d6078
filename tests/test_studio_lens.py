"""The tenant lens: which tables lead to a tenant, and which of their rows are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from studio_client import Client, studio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers import Server

_SCHEMA = """
CREATE TABLE tenants (id integer PRIMARY KEY, slug text NOT NULL, name text);
INSERT INTO tenants SELECT i, 's' || i, 'Tenant ' || i FROM generate_series(1, 70) i;
CREATE TABLE projects (id integer PRIMARY KEY, tenant_id integer REFERENCES tenants, "from" integer,
                       UNIQUE (id, "from"));
INSERT INTO projects SELECT i, nullif(i % 4, 0), i FROM generate_series(1, 12) i;
CREATE TABLE tasks (id integer PRIMARY KEY, project integer, origin integer,
                    FOREIGN KEY (project, origin) REFERENCES projects (id, "from"));
INSERT INTO tasks SELECT i, 1 + i % 12, 1 + i % 12 FROM generate_series(1, 36) i;
CREATE TABLE notes (id integer PRIMARY KEY, task integer REFERENCES tasks, about integer REFERENCES notes);
INSERT INTO notes SELECT i, 1 + i % 36, nullif(i - 1, 0) FROM generate_series(1, 72) i;
CREATE TABLE unconstrained (id integer PRIMARY KEY, tenant_id integer);
INSERT INTO unconstrained SELECT i, i % 3 FROM generate_series(1, 9) i;
CREATE TABLE otherwise (id integer PRIMARY KEY, tenant_id text);
CREATE TABLE shared (id integer PRIMARY KEY);
INSERT INTO shared VALUES (1), (2);
"""
_WANTED = {
    "tenants": "SELECT id FROM tenants WHERE id = 1",
    "projects": "SELECT id FROM projects WHERE tenant_id = 1",
    "tasks": "SELECT t.id FROM tasks t JOIN projects p ON p.id = t.project WHERE p.tenant_id = 1",
    "notes": "SELECT n.id FROM notes n JOIN tasks t ON t.id = n.task JOIN projects p ON p.id = t.project"
    " WHERE p.tenant_id = 1",
    "unconstrained": "SELECT id FROM unconstrained WHERE tenant_id = 1",
    "shared": "SELECT id FROM shared",
    "otherwise": "SELECT id FROM otherwise",
}


@pytest.fixture(scope="module")
def url(pg18: Server) -> Iterator[str]:
    found = pg18.create()
    with psycopg.connect(found, autocommit=True) as connection:
        connection.execute(_SCHEMA.encode())
    yield found
    pg18.drop(found)


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[Client]:
    with studio(url, tenants="public.tenants") as found:
        yield found


@pytest.mark.parametrize("table", list(_WANTED))
def test_a_table_shows_the_rows_that_lead_to_the_tenant(client: Client, url: str, table: str) -> None:
    with psycopg.connect(url) as connection:
        wanted = sorted(str(row[0]) for row in connection.execute(_WANTED[table].encode()))
    answer = client.get("rows", schema="public", table=table, tenant="1", limit="1000").json
    assert sorted(key for (key,) in answer["keys"]) == wanted
    assert client.get("count", schema="public", table=table, tenant="1").json["rows"] == len(wanted)
    exported = client.get("export", schema="public", table=table, tenant="1").body.decode()
    assert len(exported.splitlines()) == len(wanted) + 1


def test_each_table_says_how_many(client: Client) -> None:
    found = {each["name"]: each["rows"] for each in client.get("tenant_counts", tenant="1").json["tables"]}
    assert found == {"tenants": 1, "projects": 3, "tasks": 9, "notes": 18, "unconstrained": 3}


def test_tenants_are_found_by_name_and_key(client: Client) -> None:
    found = client.get("tenants").json
    assert (len(found["tenants"]), found["more"]) == (50, True)
    assert client.get("tenants", search="tenant 7").json["tenants"] == [
        {"key": "7", "label": "Tenant 7"},
        {"key": "70", "label": "Tenant 70"},
    ]
    assert {"key": "66", "label": "Tenant 66"} in client.get("tenants", search="66").json["tenants"]


@pytest.mark.parametrize("tenant", ["x", "1 OR true", "1'; DROP TABLE tenants; --", "99999999999999999999"])
def test_what_is_no_tenant(client: Client, tenant: str) -> None:
    assert client.get("rows", schema="public", table="notes", tenant=tenant).status == 400
    assert client.get("tenant_counts", tenant=tenant).status == 400


def test_a_tenant_that_is_none_has_no_rows(client: Client) -> None:
    assert client.get("rows", schema="public", table="notes", tenant="4711").json["rows"] == []


@pytest.mark.parametrize(
    ("setting", "said"),
    [("tenant", "did you mean public.tenants?"), ("nowhere.at_all", "there is no such table")],
)
def test_a_setting_that_names_no_table_is_told(url: str, setting: str, said: str) -> None:
    with studio(url, tenants=setting) as client:
        answer = client.get("overview").json
        assert answer["lens"] is None
        assert said in answer["lens_problem"]
        assert client.get("tenants").status == 404
        assert client.get("rows", schema="public", table="notes").status == 200
