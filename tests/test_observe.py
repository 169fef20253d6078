"""What the server says of statements whose effect is known (docs of PostgreSQL, and measured): the oracle itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import pytest

from mizzle.planning.steps import Lock, Step
from mizzle.server.observe import Observed, observe, observe_each, relations
from servers import database_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers import Server

    Connection = psycopg.Connection[Any]

SCHEMA = """
CREATE TABLE people (id int PRIMARY KEY, name varchar(20), age int, born timestamp, note text);
CREATE INDEX people_name_idx ON people (name);
CREATE INDEX people_lower_idx ON people (lower(name));
ALTER TABLE people ADD CONSTRAINT adult CHECK (age > 17) NOT VALID;
CREATE TABLE pets (id int PRIMARY KEY, owner int);
ALTER TABLE pets ADD CONSTRAINT pets_owner_fkey FOREIGN KEY (owner) REFERENCES people NOT VALID;
CREATE TABLE visits (id int, day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE visits_2030 PARTITION OF visits FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
CREATE TABLE visits_rest PARTITION OF visits DEFAULT;
CREATE TABLE visits_2031 (id int, day date NOT NULL);
CREATE TABLE visits_2032 (
  id int, day date NOT NULL, CONSTRAINT of_2032 CHECK (day >= '2032-01-01' AND day < '2033-01-01')
);
CREATE TABLE days (day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE days_2030 PARTITION OF days FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
CREATE DOMAIN email AS text;
ALTER DOMAIN email ADD CONSTRAINT at CHECK (VALUE LIKE '%@%') NOT VALID;
CREATE TABLE letters (recipient email);
CREATE MATERIALIZED VIEW names AS SELECT id AS name FROM people;
CREATE UNIQUE INDEX names_key ON names (name);
CREATE SEQUENCE numbers;
CREATE SCHEMA "Other One";
CREATE TABLE "Other One".people (age int CONSTRAINT "is ""old"" now" CHECK (age > 60));
CREATE TABLE "Other One"."Odd ""name"" now" (a int);
"""

ROWS = """
INSERT INTO people SELECT n, 'name' || n, 20 + n % 50, now(), '' FROM generate_series(1, 100) AS n;
INSERT INTO pets SELECT n, n FROM generate_series(1, 100) AS n;
INSERT INTO visits SELECT n, date '2030-01-01' + n FROM generate_series(1, 100) AS n;
INSERT INTO visits SELECT n, date '2040-01-01' + n FROM generate_series(1, 100) AS n;
INSERT INTO letters VALUES ('a@b');
REFRESH MATERIALIZED VIEW names;
"""

AX, SRX, SUX, S = Lock.ACCESS_EXCLUSIVE, Lock.SHARE_ROW_EXCLUSIVE, Lock.SHARE_UPDATE_EXCLUSIVE, Lock.SHARE
PEOPLE_INDEXES = ("public.people_lower_idx", "public.people_name_idx", "public.people_pkey")


class Case(NamedTuple):
    """SQL and what the server is to say of it; of the locks, those named."""

    sql: str
    locks: dict[str, Lock]
    rewrites: tuple[str, ...] = ()
    scans: tuple[str, ...] = ()
    builds: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()
    since: int = 14


P = "public.people"
INSIDE = {
    "nullable column": Case("ALTER TABLE people ADD c int", {P: AX}),
    "stable default": Case("ALTER TABLE people ADD c timestamptz NOT NULL DEFAULT now()", {P: AX}),
    "volatile default": Case(
        "ALTER TABLE people ADD c uuid DEFAULT gen_random_uuid()", {P: AX}, (P,), builds=PEOPLE_INDEXES
    ),
    "identity": Case(
        "ALTER TABLE people ADD c bigint GENERATED ALWAYS AS IDENTITY", {P: AX}, (P,), builds=PEOPLE_INDEXES
    ),
    "virtual": Case("ALTER TABLE people ADD c int GENERATED ALWAYS AS (age + 1) VIRTUAL", {P: AX}, since=18),
    "stored": Case(
        "ALTER TABLE people ADD c int GENERATED ALWAYS AS (age + 1) STORED", {P: AX}, (P,), builds=PEOPLE_INDEXES
    ),
    "varchar to text": Case("ALTER TABLE people ALTER note TYPE varchar", {P: AX}),
    "with an expression index": Case(
        "ALTER TABLE people ALTER name TYPE text", {P: AX}, builds=("public.people_lower_idx",)
    ),
    "int to bigint": Case(
        "ALTER TABLE pets ALTER owner TYPE bigint",
        {"public.pets": AX},
        ("public.pets",),
        scans=(),
        builds=("public.pets_pkey",),
    ),
    "not null": Case("ALTER TABLE people ALTER note SET NOT NULL", {P: AX}, scans=(P,)),
    "not null, proved": Case(
        "ALTER TABLE people ADD CONSTRAINT n CHECK (note IS NOT NULL) NOT VALID;"
        " ALTER TABLE people VALIDATE CONSTRAINT n; ALTER TABLE people ALTER note SET NOT NULL",
        {P: AX},
        scans=(P,),
    ),
    "not null, named": Case("ALTER TABLE people ADD CONSTRAINT n NOT NULL note NOT VALID", {P: AX}, since=18),
    "check": Case("ALTER TABLE people ADD CHECK (age < 200)", {P: AX}, scans=(P,)),
    "check not valid": Case("ALTER TABLE people ADD CHECK (age < 200) NOT VALID", {P: AX}),
    "validate": Case("ALTER TABLE people VALIDATE CONSTRAINT adult", {P: SUX}, scans=(P,)),
    "validate foreign key": Case(
        "ALTER TABLE pets VALIDATE CONSTRAINT pets_owner_fkey",
        {"public.pets": SUX, P: Lock.ROW_SHARE},
        scans=("public.pets",),
    ),
    "foreign key": Case(
        "ALTER TABLE pets ADD FOREIGN KEY (id) REFERENCES people", {"public.pets": SRX, P: SRX}, scans=("public.pets",)
    ),
    "index": Case("CREATE INDEX made ON people (age)", {P: S}, builds=("public.made",)),
    "unique": Case("ALTER TABLE people ADD CONSTRAINT made UNIQUE (age, id)", {P: AX}, builds=("public.made",)),
    "drop index": Case("DROP INDEX people_name_idx", {P: AX, "public.people_name_idx": AX}),
    "rename index": Case("ALTER INDEX people_name_idx RENAME TO other", {"public.people_name_idx": SUX}),
    "reindex": Case("REINDEX INDEX people_name_idx", {P: S}, builds=("public.people_name_idx",)),
    "drop table": Case("DROP TABLE pets", {"public.pets": AX, P: AX}),
    "rename table": Case("ALTER TABLE people RENAME TO persons", {P: AX}),
    "renamed, then read": Case(
        "ALTER TABLE people RENAME TO persons; ALTER TABLE persons VALIDATE CONSTRAINT adult", {P: AX}, scans=(P,)
    ),
    "truncate": Case("TRUNCATE pets", {"public.pets": AX}, emptied=("public.pets",)),
    "cluster": Case("CLUSTER people USING people_pkey", {P: AX}, (P,), builds=PEOPLE_INDEXES),
    "unlogged": Case(
        "ALTER TABLE pets DROP CONSTRAINT pets_owner_fkey; ALTER TABLE pets SET UNLOGGED",
        {"public.pets": AX},
        ("public.pets",),
        builds=("public.pets_pkey",),
    ),
    "refresh": Case(
        "REFRESH MATERIALIZED VIEW names", {"public.names": AX}, ("public.names",), builds=("public.names_key",)
    ),
    "lock table": Case("LOCK TABLE people IN SHARE MODE", {P: S}),
    "attach": Case(
        "ALTER TABLE visits ATTACH PARTITION visits_2031 FOR VALUES FROM ('2031-01-01') TO ('2032-01-01')",
        {"public.visits": SUX, "public.visits_2031": AX, "public.visits_rest": AX},
        scans=("public.visits_2031", "public.visits_rest"),
    ),
    "attach with a check": Case(
        "ALTER TABLE visits ATTACH PARTITION visits_2032 FOR VALUES FROM ('2032-01-01') TO ('2033-01-01')",
        {"public.visits": SUX, "public.visits_2032": AX, "public.visits_rest": AX},
        scans=("public.visits_rest",),
    ),
    "partition of": Case(
        "CREATE TABLE visits_2033 PARTITION OF visits FOR VALUES FROM ('2033-01-01') TO ('2034-01-01')",
        {"public.visits": AX, "public.visits_rest": AX},
        scans=("public.visits_rest",),
    ),
    "validate domain": Case(
        "ALTER DOMAIN email VALIDATE CONSTRAINT at", {"public.letters": S}, scans=("public.letters",)
    ),
    "table of its own": Case(
        "CREATE TABLE made (id int PRIMARY KEY); CREATE INDEX ON made (id); ALTER TABLE made ADD CHECK (id > 0)", {}
    ),
    "sequence": Case("ALTER SEQUENCE numbers INCREMENT 2", {"public.numbers": SRX}),
    "the same name elsewhere": Case(
        'ALTER TABLE "Other One".people ADD CHECK (age < 200)',
        {'"Other One".people': AX},
        scans=('"Other One".people',),
    ),
    "odd name": Case(
        'ALTER TABLE "Other One"."Odd ""name"" now" ADD CHECK (a < 200)',
        {'"Other One"."Odd ""name"" now"': AX},
        scans=('"Other One"."Odd ""name"" now"',),
    ),
    "update": Case("UPDATE people SET note = 'x'", {P: Lock.ROW_EXCLUSIVE}),
    "in a block": Case("DO $$BEGIN ALTER TABLE people ADD CHECK (age < 200); END$$", {P: AX}, scans=(P,)),
}
OUTSIDE = {
    "concurrent index": Case("CREATE INDEX CONCURRENTLY made ON people (age)", {P: SUX}, builds=("public.made",)),
    "drop concurrently": Case("DROP INDEX CONCURRENTLY people_name_idx", {P: SUX}),
    "reindex concurrently": Case(
        "REINDEX INDEX CONCURRENTLY people_name_idx", {P: SUX}, builds=("public.people_name_idx",)
    ),
    "detach concurrently": Case(
        "ALTER TABLE days DETACH PARTITION days_2030 CONCURRENTLY", {"public.days": SUX, "public.days_2030": AX}
    ),
    "vacuum full": Case("VACUUM FULL people", {P: AX}, (P,), builds=PEOPLE_INDEXES),
    "that may run inside": Case("ALTER TABLE people VALIDATE CONSTRAINT adult", {P: SUX}, scans=(P,)),
}


def told(case: Case, seen: Observed) -> None:
    assert (sorted(seen.rewrites), sorted(seen.scans), sorted(seen.builds), sorted(seen.emptied)) == (
        sorted(case.rewrites),
        sorted(case.scans),
        sorted(case.builds),
        sorted(case.emptied),
    )
    assert {name: seen.locks.get(name) for name in case.locks} == case.locks


@pytest.fixture(scope="module", params=["18", "15"])
def template(request: pytest.FixtureRequest) -> Iterator[tuple[Server, str]]:
    """A database that each case has a copy of."""
    server: Server = request.getfixturevalue(f"pg{request.param}")
    url = server.create()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA.encode())
        connection.execute(ROWS.encode())
    yield server, database_name(url)
    server.drop(url)


@pytest.fixture
def connection(template: tuple[Server, str]) -> Iterator[Connection]:
    server, name = template
    url = server.create(template=name)
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection
    server.drop(url)


@pytest.mark.parametrize("case", INSIDE.values(), ids=INSIDE.keys())
def test_inside(connection: Connection, case: Case) -> None:
    if connection.info.server_version // 10000 < case.since:
        pytest.skip(f"since {case.since}")
    told(case, observe(connection, Step(case.sql)))


@pytest.mark.parametrize("case", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_outside(connection: Connection, case: Case) -> None:
    told(case, observe(connection, Step(case.sql, transaction=False)))


def test_each_statement_with_the_locks_held_by_then(connection: Connection) -> None:
    sql = "ALTER TABLE people ADD c int;\nALTER TABLE pets VALIDATE CONSTRAINT pets_owner_fkey"
    (_, first), (fragment, second) = tuple(observe_each(connection, Step(sql)))
    assert (first.locks, first.scans) == ({P: AX}, frozenset())
    assert (fragment.line, second.scans) == (2, {"public.pets"})
    assert second.locks[P] is AX


def test_only_what_is_to_count(connection: Connection) -> None:
    before = relations(connection)
    connection.execute("CREATE TABLE made AS SELECT * FROM people")
    step = Step("ALTER TABLE made ADD CHECK (age > 0); CREATE INDEX ON made (age); DROP TABLE made")
    assert observe(connection, step, before=before) == Observed()


def test_a_refused_step_leaves_the_session_as_it_was(connection: Connection) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        observe(connection, Step("ALTER TABLE people ADD c int; SELECT FROM nowhere"))
    assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert connection.execute("SHOW client_min_messages").fetchone() == ("notice",)


def test_a_refused_step_outside_leaves_nobody_in_the_way(connection: Connection) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        observe(connection, Step("CREATE UNIQUE INDEX CONCURRENTLY made ON people (note)", transaction=False))
    connection.execute("SET lock_timeout TO '60s'; DROP TABLE people CASCADE")


def test_where_the_server_counts_nothing(connection: Connection) -> None:
    connection.execute("SET track_counts TO off")
    seen = observe(connection, Step("ALTER DOMAIN email VALIDATE CONSTRAINT at; UPDATE people SET note = 'x'"))
    assert (seen.scans, seen.swept) == ({"public.letters"}, {P})
    assert connection.execute("SHOW track_counts").fetchone() == ("off",)
