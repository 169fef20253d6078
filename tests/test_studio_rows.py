"""Rows as studio gives them: every page, in every order, with every filter, whatever the values and names."""

from __future__ import annotations

import csv
import http.client
import io
import itertools
import json
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from mizzle.studio import browse
from studio_client import Client, studio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers import Server

HOSTILE = "a\"b'c %s %(x)s </script><img src=x onerror=alert(1)> \\ ; --"
"""A name and a value that is somebody else's syntax in every place it may come to."""
_QUOTED = '"' + HOSTILE.replace('"', '""')[:60] + '"'

_SCHEMA = f"""
CREATE TYPE mood AS ENUM ('sad', 'fine', 'happy');
CREATE DOMAIN positive AS integer CHECK (value > 0);
CREATE TABLE kinds (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n integer, price numeric(12,2), big numeric, ok boolean,
  mood mood, at timestamptz, day date, span interval, uid uuid, note text, code char(5), doc jsonb, raw json,
  tags text[], bits bytea, place point, rank positive, doubled integer GENERATED ALWAYS AS (n * 2) STORED);
INSERT INTO kinds (n, price, big, ok, mood, at, day, span, uid, note, code, doc, raw, tags, bits, place, rank)
SELECT CASE WHEN i % 5 <> 0 THEN i % 7 END, i / 4.0, 12345678901234567890.123 + i, i % 2 = 0,
       (enum_range(NULL::mood))[1 + i % 3], timestamptz '2026-01-01 00:00:00.123456+00' + i * interval '1 hour',
       date '2026-01-01' + i, i * interval '1 hour', md5(i::text)::uuid,
       CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'note ' || i ELSE '100% _' || i END, 'c' || i,
       jsonb_build_object('i', i), '{{"a":1, "a":2}}', ARRAY['t' || i, NULL], decode(lpad(to_hex(i), 4, '0'), 'hex'),
       point(i, i), i
FROM generate_series(1, 57) i;
CREATE TABLE keyless (v text);
INSERT INTO keyless SELECT 'v' || i FROM generate_series(1, 250) i;
CREATE TABLE pairs (a integer, b text, c integer, PRIMARY KEY (a, b));
INSERT INTO pairs SELECT i / 10, 'b' || i % 10, nullif(i % 3, 0) FROM generate_series(1, 95) i;
CREATE TABLE empty (id integer PRIMARY KEY);
CREATE VIEW seen AS SELECT id, note FROM kinds;
CREATE TABLE parted (id integer, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO parted SELECT i, date '2026-01-01' + i FROM generate_series(1, 30) i;
CREATE SCHEMA {_QUOTED};
CREATE TABLE {_QUOTED}.{_QUOTED} ({_QUOTED} text PRIMARY KEY, v text);
CREATE TABLE wide (id integer PRIMARY KEY, {", ".join(f"c{i} text" for i in range(400))});
INSERT INTO wide (id, c7) VALUES (1, repeat('x', 5000));
CREATE TABLE long (id integer PRIMARY KEY, t text, d jsonb, b bytea);
INSERT INTO long VALUES (1, repeat('ä', 100000), (SELECT jsonb_agg(md5(i::text)) FROM generate_series(1, 40000) i),
  (SELECT string_agg(decode(md5(i::text), 'hex'), '') FROM generate_series(1, 20000) i));
"""
_NAMED = """
SELECT n.nspname, c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1 WHERE n.nspname LIKE 'a"%' AND c.relkind = 'r'
"""


@pytest.fixture(scope="module")
def url(pg18: Server) -> Iterator[str]:
    found = pg18.create()
    with psycopg.connect(found, autocommit=True) as connection:
        connection.execute(_SCHEMA.encode())
        connection.execute("ANALYZE")
    yield found
    pg18.drop(found)


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[Client]:
    with studio(url) as found:
        yield found


def column(client: Client, table: str, name: str) -> int:
    names = [each["name"] for each in client.get("table", schema="public", table=table).json["columns"]]
    return names.index(name)


def walk(client: Client, table: str, *, back: bool = False, **asked: Any) -> list[list[str]]:
    """Return the keys of all rows, page after page, from the first or from the last."""
    place: Any = {"back": True} if back else None
    pages: list[list[list[str]]] = []
    for _ in range(100):
        answer = client.get("rows", schema="public", table=table, limit="10", place=place, **asked)
        assert answer.status == 200, answer.body
        pages.append(answer.json["keys"])
        place = answer.json["previous" if back else "next"]
        if place is None:
            return list(itertools.chain.from_iterable(reversed(pages) if back else pages))
    raise AssertionError


def wanted(url: str, table: str, order: str, key: str = "id::text AS k") -> list[list[str]]:
    with psycopg.connect(url) as connection:
        return [list(row) for row in connection.execute(f"SELECT {key} FROM {table} ORDER BY {order}".encode())]


class TestPaging:
    """Every row once, whichever way."""

    @pytest.mark.parametrize("back", ["", "true"])
    @pytest.mark.parametrize("descending", ["", "true"])
    @pytest.mark.parametrize(
        "sort",
        [
            "",
            "id",
            "n",
            "price",
            "big",
            "ok",
            "mood",
            "at",
            "day",
            "span",
            "uid",
            "note",
            "code",
            "tags",
            "rank",
            "doc",
        ],
    )
    def test_the_pages_are_the_table(self, client: Client, url: str, sort: str, descending: str, back: str) -> None:
        """Each row once, in the order asked for, NULL last both ways, forward and backward."""
        way = "DESC" if descending else "ASC"
        order = f"{sort} {way} NULLS LAST, id {way}" if sort else f"id {way}"
        found = walk(client, "kinds", sort=sort, descending=descending, back=bool(back))
        assert found == wanted(url, "kinds", order)

    def test_a_key_of_two_columns(self, client: Client, url: str) -> None:
        found = wanted(url, "pairs", "a, b", "a::text AS k, b AS l")
        assert walk(client, "pairs") == found
        assert walk(client, "pairs", back=True) == found
        by_c = wanted(url, "pairs", "c NULLS LAST, a, b", "a::text AS k, b AS l")
        assert walk(client, "pairs", sort="c") == by_c

    def test_a_table_without_a_key_is_read_as_it_lies(self, client: Client, url: str) -> None:
        found = wanted(url, "keyless", "ctid", "ctid::text AS k")
        assert walk(client, "keyless") == found
        assert walk(client, "keyless", back=True) == found

    def test_a_partitioned_table(self, client: Client) -> None:
        assert len(walk(client, "parted")) == 30
        assert len(walk(client, "parted_1")) == 30

    def test_a_view_has_nothing_to_go_by(self, client: Client) -> None:
        first = client.get("rows", schema="public", table="seen", limit="50", sort="id").json
        second = client.get("rows", schema="public", table="seen", limit="50", sort="id", place=first["next"]).json
        assert [row[0] for row in first["rows"] + second["rows"]] == [str(i) for i in range(1, 58)]
        deep = client.get("rows", schema="public", table="seen", place={"offset": 10_001})
        assert deep.status == 400

    def test_an_empty_table(self, client: Client) -> None:
        answer = client.get("rows", schema="public", table="empty").json
        assert (answer["rows"], answer["next"], answer["previous"]) == ([], None, None)

    def test_no_offset_is_ever_used_where_there_is_a_key(self, client: Client) -> None:
        place = client.get("rows", schema="public", table="kinds", limit="10").json["next"]
        answer = client.get("rows", schema="public", table="kinds", limit="10", place={**place, "offset": 5}).json
        assert "OFFSET" not in answer["sql"]

    @pytest.mark.parametrize(
        "place",
        [
            "x",
            "[]",
            '{"key": 1}',
            '{"key": ["1", "2"]}',
            '{"key": ["x"]}',
            '{"key": []}',
            '{"key": ["1; DROP TABLE kinds"]}',
            '{"key": ["1"], "sort": "x\\u0000"}',
            '{"key": ["1"]}' + " " * 70_000,
        ],
    )
    def test_what_is_no_place(self, client: Client, place: str) -> None:
        assert client.get("rows", schema="public", table="kinds", sort="n", place=place).status in {400, 413}

    @pytest.mark.parametrize("limit", ["0", "-1", "1001", "x", "1e3", "9" * 30, "\uff11"])
    def test_what_is_no_number_of_rows(self, client: Client, limit: str) -> None:
        assert client.get("rows", schema="public", table="kinds", limit=limit).status == 400

    def test_types_without_an_order_are_not_sorted(self, client: Client) -> None:
        for name in ("raw", "place"):
            assert client.get("rows", schema="public", table="kinds", sort=name).status == 400


class TestFilters:
    """What each type can be asked."""

    @pytest.mark.parametrize(
        ("name", "op", "value", "condition"),
        [
            ("n", "eq", "3", "n = 3"),
            ("n", "ne", "3", "n <> 3"),
            ("price", "gt", "3.255", "price > 3.255"),
            ("big", "le", "12345678901234567895.123", "big <= 12345678901234567895.123"),
            ("ok", "is", "true", "ok"),
            ("ok", "is", "false", "NOT ok"),
            ("mood", "in", ["sad", "happy"], "mood IN ('sad', 'happy')"),
            ("at", "ge", "2026-01-02 03:00+01", "at >= '2026-01-02 03:00+01'"),
            ("day", "lt", "2026-02-01", "day < '2026-02-01'"),
            ("span", "gt", "1 day", "span > '1 day'"),
            ("uid", "eq", "c4ca4238a0b923820dcc509a6f75849b", "uid = 'c4ca4238a0b923820dcc509a6f75849b'"),
            ("note", "contains", "NOTE 1", "note ILIKE '%note 1%'"),
            ("note", "contains", "% _", "strpos(note, '% _') > 0"),
            ("note", "starts", "100%", "left(note, 4) = '100%'"),
            ("note", "eq", "", "note = ''"),
            ("note", "null", None, "note IS NULL"),
            ("note", "not_null", None, "note IS NOT NULL"),
            ("code", "eq", "c7", "code = 'c7'"),
            ("code", "in", ["c7", "c8", "c9999999"], "code IN ('c7', 'c8')"),
            ("doc", "json_contains", '{"i": 4}', "doc @> '{\"i\": 4}'"),
            ("doc", "json_key", "i", "doc ? 'i'"),
            ("raw", "json_key", "a", "true"),
            ("tags", "holds", "t5", "'t5' = ANY (tags)"),
            ("bits", "eq", "\\x0003", "bits = '\\x0003'"),
            ("place", "contains", "(3,", "place::text LIKE '%(3,%'"),
            ("rank", "ge", "50", "rank >= 50"),
        ],
    )
    def test_each_finds_what_the_server_finds(
        self, client: Client, url: str, name: str, op: str, value: Any, condition: str
    ) -> None:
        filters = [{"column": name, "op": op, "value": value}]
        found = walk(client, "kinds", filters=filters)
        assert found == wanted(url, f"kinds WHERE {condition}", "id")
        assert found, "a filter that nothing passes shows nothing"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(browse, "_GATHERED", -1)  # as in a large table: along the key
            assert walk(client, "kinds", filters=filters) == found
            assert walk(client, "kinds", filters=filters, back=True) == found
        count = client.get("count", schema="public", table="kinds", filters=filters).json
        assert count == {"rows": len(found), "exact": True}

    def test_several_hold_at_once(self, client: Client, url: str) -> None:
        filters = [{"column": "n", "op": "gt", "value": "2"}, {"column": "ok", "op": "is", "value": "true"}]
        assert walk(client, "kinds", filters=filters) == wanted(url, "kinds WHERE n > 2 AND ok", "id")

    @pytest.mark.parametrize(
        "filters",
        [
            "x",
            "{}",
            '[{"column": "nope", "op": "eq", "value": "1"}]',
            '[{"column": "n", "op": "= 1 OR true --", "value": "1"}]',
            '[{"column": "n", "op": "eq", "value": "1 OR true"}]',
            '[{"column": "n", "op": "eq"}]',
            '[{"column": "n", "op": "eq", "value": ["1", "2"]}]',
            '[{"column": "n OR true", "op": "null"}]',
            '[{"column": "doc", "op": "json_contains", "value": "{"}]',
            '[{"column": "note", "op": "eq", "value": "\\u0000"}]',
            json.dumps([{"column": "n", "op": "null"}] * 21),
        ],
    )
    def test_what_is_no_filter(self, client: Client, filters: str) -> None:
        answer = client.get("rows", schema="public", table="kinds", filters=filters)
        assert answer.status in {400, 404}, answer.body
        assert answer.json["message"]

    def test_the_search_reads_every_text(self, client: Client, url: str) -> None:
        assert walk(client, "kinds", search="NOTE 1") == wanted(url, "kinds WHERE note ILIKE '%note 1%'", "id")
        assert walk(client, "kinds", search="c4ca4238-a0b9-2382-0dcc-509a6f75849b") == [["1"]]
        assert ["33"] in walk(client, "kinds", search="33")
        assert ["7"] in walk(client, "kinds", search="happy") or walk(client, "kinds", search="happy")
        assert walk(client, "kinds", search="100%' OR true --") == []


class TestValues:
    """What is shown of each."""

    def test_null_is_not_empty(self, client: Client) -> None:
        rows = client.get("rows", schema="public", table="kinds", limit="5").json["rows"]
        at = column(client, "kinds", "note")
        assert [row[at] for row in rows] == ["", "note 2", "100% _3", None, ""]

    def test_values_are_postgresqls_own_texts(self, client: Client) -> None:
        row = client.get("rows", schema="public", table="kinds", limit="1").json["rows"][0]
        value = {
            name: row[column(client, "kinds", name)]
            for name in ("big", "at", "raw", "tags", "bits", "place", "doubled")
        }
        assert value == {
            "big": "12345678901234567891.123",
            "at": "2026-01-01 01:00:00.123456+00",
            "raw": '{"a":1, "a":2}',
            "tags": "{t1,NULL}",
            "bits": "\\x0001",
            "place": "(1,1)",
            "doubled": "2",
        }

    def test_a_long_value_is_cut_for_the_grid_and_whole_when_asked(self, client: Client) -> None:
        _, text, doc, bits = client.get("rows", schema="public", table="long").json["rows"][0]
        assert text == {"text": "ä" * 300, "cut": 200_000}
        assert doc["text"] == ""
        assert doc["cut"] > 200_000
        assert bits["cut"] == 320_000
        answer = client.get("value", schema="public", table="long", key=["1"], column="d")
        assert answer.status == 200, answer.body
        assert len(json.loads(answer.json["value"])) == 40_000
        assert len(client.get("value", schema="public", table="long", key=["1"], column="t").json["value"]) == 100_000

    def test_a_wide_table_answers_with_less_of_each_value(self, client: Client) -> None:
        answer = client.get("rows", schema="public", table="wide")
        row = answer.json["rows"][0]
        assert len(row) == 401
        assert row[8] == {"text": "x" * 40, "cut": 5000}

    def test_names_are_whatever_they_are(self, client: Client, url: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            found = connection.execute(_NAMED).fetchone()
            assert found is not None
            schema, table, name = found
            target, row = sql.Identifier(schema, table), sql.Literal(HOSTILE)
            connection.execute(sql.SQL("DELETE FROM {}").format(target))
            connection.execute(sql.SQL("INSERT INTO {} VALUES ({}, {})").format(target, row, row))
        asked = {"schema": schema, "table": table}
        assert client.get("rows", **asked, sort="v").json["rows"] == [[HOSTILE, HOSTILE]]
        filters = [{"column": name, "op": "eq", "value": HOSTILE}]
        assert client.get("rows", **asked, filters=filters, search="script").json["keys"] == [[HOSTILE]]
        assert client.get("row", **asked, key=[HOSTILE]).json["row"] == [HOSTILE, HOSTILE]
        assert client.get("structure", **asked).json["columns"][0]["name"] == name
        assert (
            HOSTILE.replace("'", "''").replace("\\", "\\\\")
            in client.get("export", **asked, format="insert").body.decode()
        )
        assert name.replace('"', '""') in client.get("ddl", **asked).json["sql"]

    @pytest.mark.parametrize(
        ("schema", "table"),
        [("public", "nope"), ("nope", "kinds"), ("pg_catalog", "pg_authid"), ("public", 'kinds" t --'), ("", "")],
    )
    def test_no_other_table(self, client: Client, schema: str, table: str) -> None:
        for path in ("table", "rows", "count", "structure", "ddl", "export", "preview"):
            assert client.get(path, schema=schema, table=table).status == 404


class TestExport:
    """Rows as files, and to paste."""

    def test_csv_is_what_copy_writes(self, client: Client, url: str) -> None:
        answer = client.get("export", schema="public", table="kinds", format="csv", sort="n", descending="true")
        rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
        assert [[row["id"]] for row in rows] == wanted(url, "kinds", "n DESC NULLS LAST")
        assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''kinds.csv"

    def test_json_is_an_object_a_line(self, client: Client) -> None:
        filters = [{"column": "n", "op": "eq", "value": "3"}]
        answer = client.get("export", schema="public", table="kinds", format="json", filters=filters)
        rows = [json.loads(line) for line in answer.body.splitlines()]
        assert rows
        assert {row["n"] for row in rows} == {3}

    def test_insert_makes_the_rows_again(self, client: Client, url: str) -> None:
        answer = client.get("export", schema="public", table="kinds", format="insert")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TEMP TABLE copy (LIKE kinds INCLUDING GENERATED)")
            statements = answer.body.decode().replace("INSERT INTO public.kinds", "INSERT INTO pg_temp.copy")
            connection.execute(statements.encode())
            differing = connection.execute(
                "SELECT count(*) FROM copy c FULL JOIN kinds k USING (id) WHERE c::text IS DISTINCT FROM k::text"
            )
            assert differing.fetchone() == (0,)

    def test_rows_to_paste(self, client: Client) -> None:
        keys = [["3"], ["1"]]
        text = client.post("copy", schema="public", table="kinds", keys=keys, format="csv").json["text"]
        assert [row["id"] for row in csv.DictReader(io.StringIO(text))] == ["3", "1"]
        text = client.post("copy", schema="public", table="kinds", keys=keys, format="json").json["text"]
        assert [json.loads(line)["id"] for line in text.splitlines()] == [3, 1]

    def test_too_many_rows_to_paste(self, client: Client) -> None:
        answer = client.post("copy", schema="public", table="kinds", keys=[["1"]] * 1001, format="csv")
        assert answer.status == 413

    def test_a_format_that_is_none(self, client: Client) -> None:
        assert client.get("export", schema="public", table="kinds", format="xml").status == 400
        assert client.post("copy", schema="public", table="kinds", keys=[["1"]], format="xml").status == 400


class TestTime:
    """How long anything takes."""

    def test_what_takes_too_long_is_given_up_and_may_be_asked_for(self, client: Client, url: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE OR REPLACE VIEW slow AS SELECT id, pg_sleep(0.03)::text AS s FROM kinds")
        try:
            answer = client.get("rows", schema="public", table="slow")
            assert (answer.status, answer.json["code"]) == (503, "slow")
            assert client.get("rows", schema="public", table="slow", wait="30").status == 200
        finally:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("DROP VIEW slow")

    def test_a_table_that_is_locked_is_said_to_be(self, client: Client, url: str) -> None:
        with psycopg.connect(url) as connection:
            connection.execute("LOCK TABLE pairs IN ACCESS EXCLUSIVE MODE")
            answer = client.get("rows", schema="public", table="pairs")
        assert answer.status == 400
        assert "lock" in answer.json["message"]

    def test_a_closed_tab_ends_its_query(self, client: Client, url: str) -> None:
        body = json.dumps({"sql": "SELECT pg_sleep(50)", "seconds": 60}).encode()
        line = http.client.HTTPConnection("127.0.0.1", client.address.port)
        headers = {"origin": f"http://{client.host}", "cookie": client.cookie, "content-type": "application/json"}
        line.request("POST", "/api/sql", body, headers)
        running = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
            " AND application_name = 'mizzle studio'"
        )
        with psycopg.connect(url, autocommit=True) as connection:
            for number in (1, 0):
                for _ in range(200):
                    if connection.execute(running).fetchone() == (number,):
                        break
                    time.sleep(0.05)
                else:
                    pytest.fail(f"{number} queries were to run")
                line.close()
        assert client.get("rows", schema="public", table="pairs").status == 200
