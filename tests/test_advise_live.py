"""What advice says of databases that are used: by their sizes, their counts, and their planner."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import psycopg
import pytest

from mizzle.advise import planner, read, statistics, workload
from mizzle.advise.facts import Counts
from mizzle.advise.imitation import Imitation
from mizzle.advise.naming import Proposal
from mizzle.advise.rules import indexes, sizes
from mizzle.advise.thresholds import Thresholds
from mizzle.project.advise import Asked, advise
from mizzle.project.config import Config
from mizzle.project.ground import ground
from mizzle.project.project import Project
from mizzle.runner.connection import connect
from servers import Server, debian_bin, embedded_bin
from test_advise_rules import examined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mizzle.advise.facts import Facts
    from mizzle.advise.findings import Finding
    from mizzle.project.advise import Advice

LOW = Thresholds(
    unused_after=0,
    unused_bytes=0,
    partition_rows=1000,
    bloat=0.4,
    bloat_bytes=100_000,
    wide_rows=100,
    read_whole=1000,
    read_whole_scans=5,
)
"""Thresholds that small tables reach."""

ROWS = """
CREATE TABLE tenants (id int PRIMARY KEY);
CREATE TABLE runs (
  id int PRIMARY KEY, tenant int NOT NULL REFERENCES tenants, at timestamptz NOT NULL, status text, note text);
CREATE INDEX runs_tenant_idx ON runs (tenant);
INSERT INTO tenants SELECT generate_series(1, 100);
INSERT INTO runs SELECT n, 1 + n * 37 % 100, timestamptz '2026-01-01' + n * interval '1 minute',
                        CASE WHEN n % 50 = 0 THEN 'failed' ELSE 'success' END, repeat('x', 50)
FROM generate_series(1, 60000) n;
VACUUM ANALYZE;
"""
LATEST = "SELECT id, at, status FROM runs WHERE tenant = $1 ORDER BY at DESC LIMIT 20"
FAILED = "SELECT count(*) FROM runs WHERE status = 'failed' AND at > $1"


def run(url: str, *statements: str) -> None:
    """Run statements, each in a transaction of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        for text in statements:
            for statement in text.split(";\n"):
                if statement.strip():
                    connection.execute(statement.encode())


def project(url: str, folder: Path, **settings: str) -> Project:
    """Return a project that says nothing but where its database is."""
    return Project(Config(root=folder, flag_url=url, schemas=(), **settings))  # type: ignore[arg-type]


def of_kind(found: tuple[Finding, ...] | list[Finding], code: str) -> list[str]:
    """Return what findings of one kind are about."""
    return [each.subject for each in found if each.code == code]


class TestCounts:
    """What the server counts, on PostgreSQL 18 and 15."""

    def test_an_index_that_nothing_uses(self, any_database: str) -> None:
        run(any_database, ROWS, "CREATE INDEX used ON runs (at)", "CREATE INDEX idle ON runs (note)")
        run(any_database, "SET enable_seqscan = off;\nSELECT FROM runs WHERE at = '2026-01-01'")
        found = list(examined(any_database, live=True, limits=LOW))
        assert of_kind(found, "unused-index") == ["public.idle"]  # not the one that serves the foreign key
        assert of_kind(list(examined(any_database, live=True)), "unused-index") == []  # counted for a few seconds only

    def test_of_two_indexes_that_overlap_one_is_left(self, any_database: str) -> None:
        run(any_database, ROWS, "CREATE INDEX one ON runs (at)", "CREATE INDEX two ON runs (at, note)")
        run(any_database, "CREATE INDEX three ON runs (note)", "CREATE INDEX four ON runs (note)")
        run(any_database, "CREATE INDEX five ON runs (id, note)")  # beside a key, which is no finding
        found = list(examined(any_database, live=True, limits=LOW))
        assert of_kind(found, "overlapping-index") == ["public.one"]
        assert of_kind(found, "duplicate-index") == ["public.four"]
        assert of_kind(found, "unused-index") == ["public.five"]

    def test_a_standby_does_not_know_what_is_unused(self, any_database: str) -> None:
        run(any_database, ROWS, "CREATE INDEX idle ON runs (note)")
        with connect(any_database) as connection:
            facts = read.read(connection, live=True)
        assert of_kind(list(indexes.unused(facts, LOW)), "unused-index") == ["public.idle"]
        standby = replace(facts, server=replace(facts.server, standby=True))
        assert list(indexes.unused(standby, LOW)) == []

    def test_a_sequence_that_begins_where_its_column_ends(self, any_database: str) -> None:
        run(any_database, "CREATE SEQUENCE s MINVALUE 32767", "CREATE TABLE a (id smallint DEFAULT nextval('s'))")
        run(any_database, "SELECT nextval('s')")
        assert list(examined(any_database, live=True)) == []

    def test_a_sequence_near_the_end_of_its_column(self, any_database: str) -> None:
        run(
            any_database,
            "CREATE TABLE a (id serial PRIMARY KEY);\nCREATE TABLE b (id int PRIMARY KEY, n bigserial)",
            "CREATE TABLE c (id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)",
            "SELECT setval('a_id_seq', 1500000000), setval('b_n_seq', 1500000000), setval('c_id_seq', 30000)",
        )
        found = list(examined(any_database, live=True))
        assert set(of_kind(found, "sequence-near-end")) == {"public.a_id_seq", "public.c_id_seq"}
        for finding in found:
            run(any_database, *finding.statements)
        assert list(examined(any_database, live=True)) == []

    def test_a_wide_sequence_that_fills_a_narrow_column(self, any_database: str) -> None:
        run(any_database, "CREATE SEQUENCE s", "CREATE TABLE a (id int DEFAULT nextval('s') PRIMARY KEY)")
        run(any_database, "SELECT setval('s', 2000000000)")
        assert of_kind(list(examined(any_database, live=True)), "sequence-near-end") == ["public.s"]

    def test_a_table_that_only_grows(self, any_database: str) -> None:
        run(any_database, ROWS)
        found = list(examined(any_database, live=True, limits=LOW))
        assert of_kind(found, "needs-partitioning") == ["public.runs"]
        run(any_database, "UPDATE runs SET note = 'y' WHERE id < 10000")
        assert of_kind(list(examined(any_database, live=True, limits=LOW)), "needs-partitioning") == []

    def test_a_table_of_which_nothing_was_counted_may_not_grow(self, any_database: str) -> None:
        run(any_database, ROWS)
        with connect(any_database) as connection:
            facts = read.read(connection, live=True)
        assert of_kind(list(sizes.partitioning(facts, LOW)), "needs-partitioning") == ["public.runs"]
        forgotten = replace(facts, tables=tuple(replace(table, counts=Counts()) for table in facts.tables))
        assert list(sizes.partitioning(forgotten, LOW)) == []

    def test_rows_that_leave_much_of_a_page(self, any_database: str) -> None:
        columns = ", ".join(f"c{number} float8 NOT NULL DEFAULT 1" for number in range(600))
        run(any_database, f"CREATE TABLE t ({columns})", "INSERT INTO t SELECT FROM generate_series(1, 500)", "ANALYZE")
        assert of_kind(list(examined(any_database, live=True, limits=LOW)), "bloated-table") == []

    def test_space_that_vacuum_cannot_give_back(self, any_database: str) -> None:
        run(any_database, ROWS)
        assert of_kind(list(examined(any_database, live=True, limits=LOW)), "bloated-table") == []
        run(any_database, "DELETE FROM runs WHERE id % 4 > 0", "VACUUM ANALYZE runs")
        found = list(examined(any_database, live=True, limits=LOW))
        assert of_kind(found, "bloated-table") == ["public.runs"]
        assert "public.runs_pkey" in of_kind(found, "bloated-index")
        run(any_database, "VACUUM FULL runs", "ANALYZE runs")
        found = list(examined(any_database, live=True, limits=LOW))
        assert of_kind(found, "bloated-table") + of_kind(found, "bloated-index") == []

    def test_a_table_that_is_read_whole(self, any_database: str) -> None:
        run(any_database, ROWS, *["SELECT count(*) FROM runs WHERE note = 'z'"] * 6)
        assert of_kind(list(examined(any_database, live=True, limits=LOW)), "read-whole") == ["public.runs"]

    def test_a_small_table_is_best_read_whole(self, any_database: str) -> None:
        run(any_database, "CREATE TABLE kinds AS SELECT generate_series(1, 300) AS n", "ANALYZE")
        run(any_database, *["SELECT count(*) FROM kinds"] * 20)
        assert of_kind(list(examined(any_database, live=True, limits=LOW)), "read-whole") == []

    def test_what_a_failed_build_left(self, any_database: str) -> None:
        run(any_database, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1), (1)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            run(any_database, "CREATE UNIQUE INDEX CONCURRENTLY broken ON t (a)")
        assert of_kind(list(examined(any_database, live=True)), "invalid-index") == ["public.broken"]

    def test_a_foreign_key_that_is_mostly_null_gets_an_index_of_the_rest(self, any_database: str) -> None:
        run(any_database, "CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE c (p int REFERENCES p)")
        run(any_database, "INSERT INTO c SELECT NULL FROM generate_series(1, 1000)", "ANALYZE c")
        (finding,) = examined(any_database, live=True)
        assert finding.statements == ("CREATE INDEX c_p_idx ON public.c (p) WHERE p IS NOT NULL",)
        assert finding.model == 'Index("c_p_idx", "p", postgresql_where=text("p IS NOT NULL"))'
        run(any_database, *finding.statements)
        assert examined(any_database, live=True) == ()


class TestPlanner:
    """An index that is not there, as the planner sees it: beside the same one when it is there."""

    @pytest.fixture
    def rows(self, any_database: str, any_server: Server) -> str:
        run(any_database, ROWS)
        if any_server.major == 15:
            _extend(any_database, "hypopg")
        return any_database

    @pytest.mark.parametrize(("sql", "columns"), [(LATEST, ("tenant", "at")), (FAILED, ("status", "at"))])
    def test_it_says_what_the_database_says(
        self, rows: str, tmp_path: Path, sql: str, columns: tuple[str, ...]
    ) -> None:
        with ground(project(rows, tmp_path), "") as found, found.planner(found.facts) as asked:
            assert asked is not None
            proposal = _proposal(found.facts, columns)
            asked.offer([proposal])
            without, with_it = asked.plan(sql, ()), asked.plan(sql, [proposal])
        assert without.cost == pytest.approx(_cost(rows, sql), rel=0.05)
        assert proposal.name in with_it.indexes
        assert proposal.name not in without.indexes
        run(rows, proposal.sql)
        assert with_it.cost == pytest.approx(_cost(rows, sql), rel=0.25)  # the size of the index is an estimate

    def test_advises_the_index_that_queries_lack(self, rows: str, tmp_path: Path) -> None:
        queries = tmp_path / "queries.sql"
        queries.write_text(
            "-- name: the latest\n" + LATEST.replace("$1", ":tenant") + ";\nSELECT * FROM runs WHERE id = %(id)s;\n"
            "-- name: not there\nSELECT * FROM nowhere;\n"
        )
        advice = advise(project(rows, tmp_path), Asked(queries=(queries,)))
        (finding,) = [each for each in advice.findings if each.code == "missing-index"]
        assert finding.statements == ("CREATE INDEX runs_tenant_at_idx ON public.runs (tenant, at)",)
        assert "the latest" in finding.evidence[0]
        assert any("not there" in note and "nowhere" in note for note in advice.notes)
        run(rows, *finding.statements)
        again = advise(project(rows, tmp_path), Asked(queries=(queries,)))
        assert [each.code for each in again.findings if each.code == "missing-index"] == []

    def test_nothing_is_left_in_the_database(self, rows: str, tmp_path: Path) -> None:
        everything = "SELECT count(*), max(oid::int8) FROM pg_class"
        with psycopg.connect(rows) as connection:
            before = connection.execute(everything).fetchall()
        queries = tmp_path / "queries.sql"
        queries.write_text(f"{LATEST};{FAILED};DELETE FROM runs;UPDATE runs SET note = $1 WHERE at < $2")
        advise(project(rows, tmp_path), Asked(queries=(queries,)))
        with psycopg.connect(rows) as connection:
            assert connection.execute(everything).fetchall() == before
            assert connection.execute("SELECT count(*) FROM runs").fetchall() == [(60000,)]

    def test_an_index_that_queries_lack_also_serves_the_foreign_key(self, rows: str, tmp_path: Path) -> None:
        run(rows, "DROP INDEX runs_tenant_idx")
        queries = tmp_path / "queries.sql"
        queries.write_text(LATEST)
        advice = advise(project(rows, tmp_path), Asked(queries=(queries,)))
        assert [each.code for each in advice.findings] == ["foreign-key-without-index"]
        assert advice.findings[0].statements == ("CREATE INDEX runs_tenant_at_idx ON public.runs (tenant, at)",)


EVENTS = """
CREATE TABLE events (id bigint, at timestamptz NOT NULL, who int) PARTITION BY RANGE (at);
CREATE TABLE events1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE events2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
INSERT INTO events SELECT n, timestamptz '2026-01-01' + n * interval '1 minute', n % 5000
FROM generate_series(1, 80000) n;
ANALYZE events;
"""


class TestWhatIsAskedAbout:
    """Tables, queries and names of every kind, by the planner on scratch, and by hypopg."""

    @pytest.fixture(params=["18", "15", "hypopg"])
    def asked(self, request: pytest.FixtureRequest) -> str:
        version = "15" if request.param == "hypopg" else request.param
        url: str = request.getfixturevalue("database15" if version == "15" else "database")
        if request.param == "hypopg":
            _extend(url, "hypopg")
        return url

    @pytest.mark.parametrize(
        ("sql", "columns"),
        [
            ("SELECT * FROM events WHERE who = $1", "who"),
            ("SELECT * FROM events WHERE at > $1 AND who = $2", "who, at"),
            ("SELECT * FROM events WHERE who = $1 ORDER BY id LIMIT 1", "who, id"),
        ],
    )
    def test_a_partitioned_table(self, asked: str, tmp_path: Path, sql: str, columns: str) -> None:
        run(asked, EVENTS)
        found = lacked(asked, tmp_path, sql)
        assert [each.statements for each in found] == [
            (f"CREATE INDEX events_{columns.replace(', ', '_')}_idx ON public.events ({columns})",)
        ]
        run(asked, *found[0].statements)
        assert lacked(asked, tmp_path, sql) == []

    def test_one_index_where_a_second_one_wins_little(self, asked: str, tmp_path: Path) -> None:
        run(asked, "CREATE TABLE t (a int, b int, c int, d int, e int)")
        run(asked, "INSERT INTO t SELECT n % 90, n % 91, n % 97, n % 89, n % 88 FROM generate_series(1, 60000) n")
        run(asked, "ANALYZE")
        found = lacked(asked, tmp_path, "SELECT * FROM t WHERE a = $1 AND b = $2 AND c = $3 AND d = $4 ORDER BY e")
        assert len(found) == 1

    def test_no_index_on_long_values(self, asked: str, tmp_path: Path) -> None:
        run(asked, "CREATE TABLE t (a text)")
        run(asked, "ALTER TABLE t ALTER a SET STORAGE PLAIN")
        run(asked, "INSERT INTO t SELECT repeat(md5(n::text), 100) FROM generate_series(1, 5000) n", "ANALYZE")
        assert lacked(asked, tmp_path, "SELECT * FROM t WHERE a = $1") == []

    def test_what_is_not_managed_is_no_hindrance(self, asked: str, tmp_path: Path) -> None:
        run(asked, ROWS, "CREATE ACCESS METHOD another TYPE TABLE HANDLER heap_tableam_handler")
        run(asked, "CREATE TABLE stored (a int) USING another")
        assert [each.subject for each in lacked(asked, tmp_path, FAILED)] == ["public.runs.status"]

    def test_the_order_of_a_partitioned_table(self, asked: str, tmp_path: Path) -> None:
        run(asked, EVENTS)
        (finding,) = lacked(asked, tmp_path, "SELECT * FROM events ORDER BY id DESC LIMIT 10")
        assert finding.statements == ("CREATE INDEX events_id_idx ON public.events (id)",)

    def test_tables_of_one_name_in_two_schemas(self, asked: str, tmp_path: Path) -> None:
        for schema in ("a", "b"):
            run(asked, f"CREATE SCHEMA {schema}", f"CREATE TABLE {schema}.t (n int, note text)")
            run(asked, f"INSERT INTO {schema}.t SELECT n, 'x' FROM generate_series(1, 50000) n")
        run(asked, "ANALYZE")
        found = lacked(asked, tmp_path, "SELECT * FROM a.t WHERE n = $1; SELECT * FROM b.t WHERE n = $1")
        assert {each.subject for each in found} == {"a.t.n", "b.t.n"}

    def test_names_that_something_else_has(self, asked: str, tmp_path: Path) -> None:
        run(asked, "CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE a_b (c int REFERENCES p)")
        run(asked, "CREATE TABLE a (b_c int)", "INSERT INTO a SELECT generate_series(1, 50000)", "ANALYZE")
        run(asked, "CREATE VIEW a_b_c_idx AS SELECT 1")
        found = advised(asked, tmp_path, "SELECT * FROM a WHERE b_c = $1").findings
        assert {each for finding in found for each in finding.statements} == {
            "CREATE INDEX a_b_c_idx1 ON public.a_b (c)",
            "CREATE INDEX a_b_c_idx2 ON public.a (b_c)",
        }

    def test_a_function_that_planning_calls_has_its_time(
        self, asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(planner, "_PATIENCE", "300ms")
        slow = "LANGUAGE plpgsql IMMUTABLE AS $$BEGIN PERFORM pg_sleep(60); RETURN 1; END$$"
        run(asked, "CREATE TABLE t (n int)", f"CREATE FUNCTION slow() RETURNS int {slow}")
        advice = advised(asked, tmp_path, "SELECT * FROM t WHERE n = slow()")
        assert any("statement timeout" in note for note in advice.notes)

    def test_nothing_is_kept_locked(self, asked: str, tmp_path: Path) -> None:
        run(asked, ROWS)
        with ground(project(asked, tmp_path), "") as found, found.planner(found.facts) as whom:
            assert whom is not None
            proposal = _proposal(found.facts, ("status", "at"))
            whom.offer([proposal])
            whom.plan(FAILED, [proposal])
            run(asked, "SET lock_timeout = '1s'", "ALTER TABLE runs ADD COLUMN more int")

    def test_no_transaction_stays_open_while_scratch_is_asked(self, database: str, tmp_path: Path) -> None:
        run(database, ROWS)
        with ground(project(database, tmp_path), "") as found, found.planner(found.facts):
            open_ = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mizzle' AND xact_start IS NOT NULL"
            assert rows_of(database, f"{open_} AND datname = current_database()") == [(0,)]

    def test_a_table_that_is_locked_meanwhile_is_left_out(self, asked: str, tmp_path: Path) -> None:
        run(asked, ROWS)
        if "hypopg" not in {name for (name,) in rows_of(asked, "SELECT extname FROM pg_extension")}:
            pytest.skip("the planner on scratch sees no lock")
        queries = workload.from_statements
        with psycopg.connect(asked) as other, pytest.MonkeyPatch.context() as patch:

            def locked(*given: Any) -> Any:
                other.execute("LOCK TABLE runs IN ACCESS EXCLUSIVE MODE")
                return queries(*given)

            patch.setattr(workload, "from_statements", locked)
            advice = advised(asked, tmp_path, FAILED)
        assert any("lock timeout" in note for note in advice.notes)

    def test_one_statement_and_none_behind_it(self, asked: str) -> None:
        with connect(asked) as connection, connection.transaction():
            with pytest.raises(planner.CannotPlan, match="multiple commands"):
                planner.explain(connection, "SELECT 1; COMMIT; CREATE TABLE t ()")
            assert connection.execute("SELECT to_regclass('t')").fetchone() == (None,)


def rows_of(url: str, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with psycopg.connect(url) as connection:
        return connection.execute(sql.encode()).fetchall()


def advised(url: str, folder: Path, sql: str) -> Advice:
    """Return the advice on a database of which this is asked."""
    (folder / "queries.sql").write_text(sql)
    return advise(project(url, folder), Asked(queries=(folder / "queries.sql",)))


def lacked(url: str, folder: Path, sql: str) -> list[Finding]:
    """Return the indexes that these queries lack."""
    return [each for each in advised(url, folder, sql).findings if each.code == "missing-index"]


class TestLargeTables:
    """Tables of several gigabytes, as statistics alone can make them."""

    def test_sizes_beyond_one_file(self, database: str) -> None:
        run(database, ROWS.partition("INSERT")[0])
        with connect(database) as connection, connection.transaction(force_rollback=True):
            facts = read.read(connection, live=False)
            planner.begin(connection, ["public"])
            asked = Imitation(connection, statistics.assumed(facts, 500_000_000), about="")
            proposal = _proposal(facts, ("status", "at"))
            asked.offer([proposal])
            whole = asked.plan(FAILED, ())
            by_index = asked.plan(FAILED, [proposal])
            asked.close()
            data = connection.execute("SHOW data_directory").fetchone()
            assert data is not None
            assert [file for file in Path(data[0]).rglob("*") if file.is_file() and file.stat().st_size > 2**27] == []
        assert whole.cost > 5_000_000  # pages of 54 gigabytes, read one after the other
        assert whole.scans == {("public", "runs"): "Seq Scan"}
        assert by_index.indexes == {proposal.name}


@pytest.fixture(scope="module", params=[18, 15])
def counting(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server that counts statements."""
    programs = embedded_bin() if request.param == 18 else debian_bin(15)
    if programs is None:
        _missing("no PostgreSQL 15 here: install Debian's postgresql-15")
    server = Server.start(request.param, programs, settings="shared_preload_libraries = 'pg_stat_statements'")
    yield server
    server.stop()


class TestStatements:
    """pg_stat_statements, where it is there."""

    def test_what_takes_the_time_is_asked_about(self, counting: Server, tmp_path: Path) -> None:
        url = counting.create()
        run(url, "CREATE EXTENSION pg_stat_statements", ROWS)
        if counting.major == 15:
            _extend(url, "hypopg")
        run(url, *["SELECT count(*) FROM runs WHERE at BETWEEN '2026-01-02' AND '2026-01-03' AND status = 'x'"] * 3)
        advice = advise(project(url, tmp_path), Asked())
        (finding,) = [each for each in advice.findings if each.code == "missing-index"]
        assert "3 calls" in finding.evidence[0]
        assert finding.statements[0].startswith("CREATE INDEX runs_")
        assert not [each for each in advice.findings if each.code == "read-whole"]

    def test_constants_that_are_none_any_more_are_understood(self, counting: Server, tmp_path: Path) -> None:
        url = counting.create()
        run(url, "CREATE EXTENSION pg_stat_statements", ROWS, "SELECT pg_stat_statements_reset()")
        since = "timestamp with time zone '2026-01-02 00:00' - interval '1 hour'"
        run(url, f"SELECT count(*) FROM runs WHERE at BETWEEN {since} AND date '2026-01-03' AND note = 'x'")
        run(url, "SELECT extract(hour FROM at) FROM runs WHERE at = timestamptz '2026-01-05'")
        advice = advise(project(url, tmp_path), Asked())
        assert not [note for note in advice.notes if "not understood" in note]
        said = "".join(text for each in advice.findings for text in each.evidence)
        assert "extract($1 FROM at) FROM runs WHERE at = timestamptz $2" in said


def _extend(url: str, extension: str) -> None:
    try:
        run(url, f"CREATE EXTENSION {extension}")
    except psycopg.errors.FeatureNotSupported:
        _missing(f"no {extension} here: install Debian's postgresql-15-{extension}")


def _missing(what: str) -> NoReturn:
    """Skip the test where something is not installed; in CI it fails."""
    stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
    stop(what)


def _proposal(facts: Facts, columns: tuple[str, ...]) -> Proposal:
    return Proposal(facts.by_name["public", "runs"], columns, f"runs_{'_'.join(columns)}_idx")


def _cost(url: str, sql: str) -> float:
    """Return the cost of a statement for any value of its parameter, as the database's own EXPLAIN says it."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.execute(f"PREPARE q AS {sql}".encode())
        row = connection.execute("EXPLAIN (FORMAT JSON) EXECUTE q(NULL)").fetchone()
        assert row is not None
        return float(row[0][0]["Plan"]["Total Cost"])
