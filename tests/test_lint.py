"""Hand-written SQL: what squawk finds and the server disproves, and what the server alone shows, one case for each."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import psycopg
import pytest

from mizzle.lint import comments, squawk
from mizzle.lint.findings import Code, Finding
from mizzle.lint.inventory import inventory
from mizzle.lint.judge import judge
from mizzle.lint.meanings import MEANINGS
from mizzle.lint.program import program
from mizzle.lint.rules import RULES
from mizzle.lint.watch import watch
from mizzle.planning.script import parse
from mizzle.planning.steps import HazardCode
from mizzle.runner import notes
from mizzle.server.observe import relations
from servers import database_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers import Server

    Connection = psycopg.Connection[Any]

SCHEMA = """
CREATE TABLE public.people (
  id int PRIMARY KEY, name varchar(20), age int DEFAULT 1, note text, born timestamp, kind char(3), free text,
  twice int GENERATED ALWAYS AS (age * 2) STORED
);
CREATE INDEX people_lower_idx ON public.people (lower(name));
CREATE INDEX people_age_idx ON public.people (age);
ALTER TABLE public.people ADD CONSTRAINT adult CHECK (age > 17) NOT VALID;
ALTER TABLE public.people ADD CONSTRAINT noted CHECK (note IS NOT NULL);
CREATE TABLE public.pets (id int PRIMARY KEY, owner int);
CREATE TABLE public.visits (id int, day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE public.visits_2030 PARTITION OF public.visits FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
CREATE TABLE public.visits_2031 (id int, day date NOT NULL);
CREATE TABLE public.days (day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE public.days_rest PARTITION OF public.days DEFAULT;
CREATE DOMAIN public.email AS text;
ALTER DOMAIN public.email ADD CONSTRAINT at CHECK (VALUE LIKE '%@%') NOT VALID;
CREATE DOMAIN public.unused AS text;
CREATE TABLE public.letters (recipient public.email);
CREATE MATERIALIZED VIEW public.names AS SELECT id FROM public.pets;
CREATE UNIQUE INDEX names_key ON public.names (id);
CREATE VIEW public.owners AS SELECT owner FROM public.pets;
CREATE FUNCTION public.one() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE SEQUENCE public.numbers;
CREATE TYPE public.mood AS ENUM ('calm');
CREATE SCHEMA other;
CREATE EXTENSION citext SCHEMA other;
"""


class Case(NamedTuple):
    """What a step says, what squawk finds in it that counts, and what people are told: rules, and the worst level."""

    sql: str
    squawk: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    level: str = ""
    outside: bool = False


NOT_VALID = "ALTER TABLE public.pets ADD CONSTRAINT owned FOREIGN KEY (owner) REFERENCES public.people NOT VALID;\n"
TAKEN_OUT = {
    "a stable default": Case("ALTER TABLE public.people ADD c timestamptz NOT NULL DEFAULT now()"),
    "a virtual column": Case(
        "ALTER TABLE public.people ADD c int GENERATED ALWAYS AS (age + 1) VIRTUAL", ("adding-field-with-default",)
    ),
    "a foreign key that is not enforced": Case(
        "ALTER TABLE public.pets ADD FOREIGN KEY (owner) REFERENCES public.people NOT ENFORCED",
        ("adding-foreign-key-constraint", "constraint-missing-not-valid"),
    ),
    "varchar to text": Case("ALTER TABLE public.people ALTER free TYPE varchar", ("changing-column-type",)),
    "a column that a check proves": Case(
        "ALTER TABLE public.people ALTER note SET NOT NULL", ("adding-not-nullable-field",)
    ),
    "a new table": Case(
        "CREATE TABLE public.made (id int, a int); ALTER TABLE public.made ADD PRIMARY KEY (id);"
        " ALTER TABLE public.made ADD UNIQUE (a), ADD CHECK (a > 0), ALTER a TYPE bigint, ALTER a SET NOT NULL;"
        " CREATE INDEX made_idx ON public.made (a); ALTER TABLE public.made ADD s serial;"
        " ALTER TABLE public.made DROP COLUMN s; ALTER TABLE public.made RENAME COLUMN a TO b;"
        " DROP INDEX public.made_idx; ALTER TABLE public.made RENAME TO other; TRUNCATE public.other CASCADE;"
        " UPDATE public.other SET b = 1; DROP TABLE public.other"
    ),
    "a domain that no table uses": Case(
        "ALTER DOMAIN public.unused ADD CHECK (VALUE <> '')", ("ban-alter-domain-with-add-constraint",)
    ),
    "a function made again": Case(
        "DROP FUNCTION public.one(); CREATE FUNCTION public.one() RETURNS bigint LANGUAGE sql AS 'SELECT 1'",
        ("ban-drop-function",),
    ),
    "a view made again": Case(
        "DROP VIEW public.owners; CREATE VIEW public.owners AS SELECT owner, id FROM public.pets", ("ban-drop-view",)
    ),
    "a table renamed, and a view of its name": Case(
        "ALTER TABLE public.letters RENAME TO mails; CREATE VIEW public.letters AS SELECT * FROM public.mails",
        ("renaming-table",),
    ),
    "a column renamed, and a view that has it": Case(
        "ALTER TABLE public.letters RENAME TO mails; ALTER TABLE public.mails RENAME recipient TO reader;"
        " CREATE VIEW public.letters AS SELECT reader AS recipient FROM public.mails",
        ("renaming-table", "renaming-column"),
    ),
    "a default that is replaced": Case(
        "ALTER TABLE public.people ALTER age DROP DEFAULT; ALTER TABLE public.people ALTER age SET DEFAULT 2",
        ("ban-drop-default",),
    ),
    "an index on a materialized view": Case(
        "CREATE INDEX made ON public.names (id)", ("require-concurrent-index-creation",)
    ),
    "taste": Case(
        "CREATE TABLE public.made (id serial PRIMARY KEY, a varchar(3), b char(3), c timestamp, d smallint);"
        " ALTER TYPE public.mood ADD VALUE 'cross'; CREATE DOMAIN public.short AS text CHECK (VALUE <> '')"
    ),
    "instant": Case("ALTER TABLE public.people DROP CONSTRAINT adult, ADD COLUMN c int, ALTER age SET DEFAULT 3"),
    "concurrently": Case("CREATE INDEX CONCURRENTLY made ON public.people (note)", outside=True),
    "not valid": Case(NOT_VALID),
    "rows in portions": Case(
        "DO $$BEGIN LOOP UPDATE public.people SET note = 'x'"
        " WHERE id IN (SELECT id FROM public.people WHERE born IS NULL LIMIT 9);"
        " EXIT WHEN NOT FOUND; COMMIT; END LOOP; END$$",
        outside=True,
    ),
    "a row by its key": Case("UPDATE public.people SET note = 'x' WHERE id = 1"),
    "a materialized view, concurrently": Case("REFRESH MATERIALIZED VIEW CONCURRENTLY public.names"),
    "a drop that waits for nobody": Case("DROP INDEX CONCURRENTLY public.people_age_idx", outside=True),
    "rows of a seed": Case("INSERT INTO public.pets VALUES (1, 2); INSERT INTO public.pets SELECT 2, 3"),
}
OLD = Code.BREAKS_OLD_CODE
PUT_IN = {
    "volatile default": Case(
        "ALTER TABLE public.people ADD c uuid DEFAULT gen_random_uuid()",
        ("adding-field-with-default",),
        (Code.BLOCKING_REWRITE,),
        "error",
    ),
    "serial": Case("ALTER TABLE public.people ADD c serial", (), (Code.BLOCKING_REWRITE,), "error"),
    "primary key": Case(
        "ALTER TABLE public.letters ADD id int; ALTER TABLE public.letters ADD PRIMARY KEY (id)",
        ("adding-serial-primary-key-field", "constraint-missing-not-valid"),
        (Code.BLOCKING_SCAN, Code.BLOCKING_BUILD),
        "error",
    ),
    "type": Case(
        "ALTER TABLE public.people ALTER born TYPE date",
        ("changing-column-type",),
        (Code.BLOCKING_REWRITE,),
        "error",
    ),
    "index of an expression": Case(
        "ALTER TABLE public.people ALTER name TYPE text",
        ("changing-column-type",),
        (Code.BLOCKING_BUILD,),
        "error",
    ),
    "not null": Case(
        "ALTER TABLE public.people ALTER name SET NOT NULL",
        ("adding-not-nullable-field",),
        (Code.BLOCKING_SCAN,),
        "error",
    ),
    "required": Case(
        "ALTER TABLE public.people ADD c int NOT NULL",
        ("adding-required-field",),
        (Code.BLOCKING_SCAN, "adding-required-field"),
        "error",
    ),
    "check": Case(
        "ALTER TABLE public.people ADD CHECK (age < 200)",
        ("constraint-missing-not-valid",),
        (Code.BLOCKING_SCAN,),
        "error",
    ),
    "foreign key": Case(
        "ALTER TABLE public.pets ADD FOREIGN KEY (owner) REFERENCES public.people",
        ("adding-foreign-key-constraint", "constraint-missing-not-valid"),
        (Code.BLOCKING_SCAN,),
        "error",
    ),
    "validated under the lock that added it": Case(
        f"{NOT_VALID}ALTER TABLE public.pets VALIDATE CONSTRAINT owned",
        ("constraint-missing-not-valid",),
        (Code.BLOCKING_SCAN,),
        "error",
    ),
    "validated while another table is locked": Case(
        "ALTER TABLE public.pets ADD c int; ALTER TABLE public.people VALIDATE CONSTRAINT adult",
        (),
        (Code.BLOCKING_SCAN,),
        "error",
    ),
    "unique": Case(
        "ALTER TABLE public.people ADD UNIQUE (name)",
        ("constraint-missing-not-valid", "disallowed-unique-constraint"),
        (Code.BLOCKING_BUILD,),
        "error",
    ),
    "index": Case(
        "CREATE INDEX made ON public.people (note)",
        ("require-concurrent-index-creation",),
        (Code.BLOCKING_BUILD,),
        "error",
    ),
    "reindex": Case(
        "REINDEX INDEX public.people_age_idx", ("require-concurrent-reindex",), (Code.BLOCKING_BUILD,), "error"
    ),
    "domain": Case(
        "ALTER DOMAIN public.email ADD CHECK (VALUE <> '')",
        ("ban-alter-domain-with-add-constraint",),
        (Code.BLOCKING_SCAN,),
        "error",
    ),
    "domain validated": Case("ALTER DOMAIN public.email VALIDATE CONSTRAINT at", (), (Code.BLOCKING_SCAN,), "error"),
    "vacuum full": Case("VACUUM FULL public.people", (), (Code.BLOCKING_REWRITE,), "error", outside=True),
    "cluster": Case("CLUSTER public.people USING people_pkey", (), (Code.BLOCKING_REWRITE,), "error"),
    "unlogged": Case("ALTER TABLE public.people SET UNLOGGED", (), (Code.BLOCKING_REWRITE,), "error"),
    "refresh": Case("REFRESH MATERIALIZED VIEW public.names", (), (Code.BLOCKING_REWRITE,), "error"),
    "attach": Case(
        "ALTER TABLE public.visits ATTACH PARTITION public.visits_2031"
        " FOR VALUES FROM ('2031-01-01') TO ('2032-01-01')",
        (),
        (Code.BLOCKING_SCAN,),
        "error",
    ),
    "partition beside a default one": Case(
        "CREATE TABLE public.days_1 PARTITION OF public.days FOR VALUES FROM ('2033-01-01') TO ('2034-01-01')",
        (),
        (Code.BLOCKING_SCAN,),
        "error",
    ),
    "lock table": Case("LOCK TABLE public.people IN SHARE MODE", (), (Code.LOCKED_BY_HAND,), "warning"),
    "truncate": Case("TRUNCATE public.pets", (), (Code.TABLE_EMPTIED,), "warning"),
    "truncate cascade": Case(
        "TRUNCATE public.pets CASCADE", ("ban-truncate-cascade",), (Code.TABLE_EMPTIED,), "warning"
    ),
    "update": Case("UPDATE public.people SET note = 'x'", (), (Code.WHOLE_TABLE_WRITE,), "error"),
    "update, with a query that has a where": Case(
        "UPDATE public.people SET note = (SELECT 'x' WHERE true)", (), (Code.WHOLE_TABLE_WRITE,), "error"
    ),
    "delete": Case("DELETE FROM public.pets", (), (Code.WHOLE_TABLE_WRITE,), "error"),
    "update of what no index finds": Case(
        "UPDATE public.people SET note = 'x' WHERE born IS NULL", (), (Code.WHOLE_TABLE_WRITE,), "warning"
    ),
    "if not exists": Case(
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS made ON public.people (note)",
        (),
        (Code.KEEPS_INVALID_INDEX,),
        "warning",
        outside=True,
    ),
    "drop column": Case("ALTER TABLE public.people DROP note", ("ban-drop-column",), (OLD,), "warning"),
    "drop table": Case("DROP TABLE public.letters", ("ban-drop-table",), (OLD,), "warning"),
    "drop view": Case("DROP VIEW public.owners", ("ban-drop-view",), (OLD,), "warning"),
    "drop function": Case("DROP FUNCTION public.one()", ("ban-drop-function",), (OLD,), "warning"),
    "drop sequence": Case("DROP SEQUENCE public.numbers", ("ban-drop-sequence",), (OLD,), "warning"),
    "drop type": Case("DROP TYPE public.mood", ("ban-drop-type",), (OLD,), "warning"),
    "drop domain": Case("DROP DOMAIN public.unused", ("ban-drop-domain",), (OLD,), "warning"),
    "drop schema": Case("DROP SCHEMA other CASCADE", ("ban-drop-schema",), (OLD,), "warning"),
    "drop extension": Case("DROP EXTENSION citext", ("ban-drop-extension",), (OLD,), "warning"),
    "drop default": Case("ALTER TABLE public.people ALTER age DROP DEFAULT", ("ban-drop-default",), (OLD,), "warning"),
    "drop expression": Case(
        "ALTER TABLE public.people ALTER twice DROP EXPRESSION", ("ban-drop-generated-expression",), (OLD,), "warning"
    ),
    "rename column": Case("ALTER TABLE public.people RENAME note TO remark", ("renaming-column",), (OLD,), "warning"),
    "rename table": Case("ALTER TABLE public.people RENAME TO persons", ("renaming-table",), (OLD,), "warning"),
    "rename view": Case("ALTER VIEW public.owners RENAME TO keepers", ("renaming-object",), (OLD,), "warning"),
    "set schema": Case("ALTER TABLE public.pets SET SCHEMA other", ("ban-set-schema",), (OLD,), "warning"),
    "drop index": Case(
        "DROP INDEX public.people_age_idx",
        ("require-concurrent-index-deletion",),
        ("require-concurrent-index-deletion",),
        "warning",
    ),
    "detach": Case(
        "ALTER TABLE public.visits DETACH PARTITION public.visits_2030",
        ("require-concurrent-partition-detach",),
        ("require-concurrent-partition-detach",),
        "warning",
    ),
    "long name": Case(
        f"ALTER TABLE public.people ADD {'a' * 64} int", ("identifier-too-long",), ("identifier-too-long",), "warning"
    ),
    "update in a block": Case(
        "DO $$BEGIN UPDATE public.people SET note = 'x' WHERE born IS NULL; END$$",
        (),
        (Code.WHOLE_TABLE_WRITE,),
        "warning",
    ),
    "in a block": Case(
        "DO $$BEGIN ALTER TABLE public.people ADD CHECK (age < 200); END$$", (), (Code.BLOCKING_SCAN,), "error"
    ),
}


@pytest.fixture(scope="module")
def template(pg18: Server) -> Iterator[str]:
    """A database that each case has a copy of."""
    url = pg18.create()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA.encode())
    yield database_name(url)
    pg18.drop(url)


@pytest.fixture
def connection(pg18: Server, template: str) -> Iterator[Connection]:
    url = pg18.create(template=template)
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection
    pg18.drop(url)


def linted(connection: Connection, sql: str, *, outside: bool = False, mode: str = "") -> tuple[Finding, ...]:
    step = f"-- step 1: {mode or ('no transaction' if outside else 'transaction')}"
    script = parse(f"{step}\n{sql};\n", name="up.sql")
    before, names = relations(connection), inventory(connection)
    each = watch(connection, script.steps[0], file="up.sql", before=before, names=names, tenant="", major=18)
    there = inventory(connection)
    kinds = {str(relation): relation.kind for relation in before.values()}
    settled = [msgspec.structs.replace(one, gone=one.gone - there) for one in each]
    return tuple(finding for one in settled for finding in judge(one, kinds))


def counting(case: Case) -> set[str]:
    said = squawk.ask(f"{case.sql};", transaction=not case.outside, major=18)
    return {each.rule for each in said}


@pytest.mark.parametrize("case", TAKEN_OUT.values(), ids=TAKEN_OUT.keys())
def test_what_the_server_disproves_is_not_told(connection: Connection, case: Case) -> None:
    assert set(case.squawk) <= counting(case)
    assert linted(connection, case.sql, outside=case.outside) == ()


@pytest.mark.parametrize("case", PUT_IN.values(), ids=PUT_IN.keys())
def test_what_the_server_shows_is_told(connection: Connection, case: Case) -> None:
    found = linted(connection, case.sql, outside=case.outside)
    assert [each.rule for each in found] == [str(rule) for rule in case.told]
    assert ("error" if any(each.level == "error" for each in found) else "warning") == case.level
    assert counting(case) == set(case.squawk)


def test_a_backfill_holds_no_rows_for_long(connection: Connection) -> None:
    sql = "UPDATE public.people SET note = 'x'"
    assert linted(connection, sql, mode="backfill public.people by id") == ()
    (found,) = linted(connection, sql)
    assert "`-- step 1: backfill TABLE by KEY`" in found.hint


def test_every_code_and_every_rule_that_counts_has_a_case() -> None:
    told = {rule for case in PUT_IN.values() for rule in case.told}
    squawked = {rule for case in PUT_IN.values() for rule in case.squawk}
    counting = {name for name, rule in RULES.items() if rule.counts != "off"}
    assert told >= set(Code)
    assert squawked == counting


def test_every_rule_is_one_of_squawks() -> None:
    found = program()
    assert found is not None
    ran = subprocess.run(
        [found, "--exclude", ",".join(RULES.keys() - {"unused-ignore"}), "--reporter", "json"],
        input=b"SELECT 1;",
        capture_output=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert len(RULES) == 78


def test_a_step_that_states_its_hazard_is_known(connection: Connection) -> None:
    sql = "-- hazard: INDEX_BUILD: people is small\nCREATE INDEX made ON public.people (note)"
    assert linted(connection, sql) == ()


def test_a_step_that_states_another_hazard_is_told(connection: Connection) -> None:
    (found,) = linted(connection, "-- hazard: TABLE_SCAN: x\nCREATE INDEX made ON public.people (note)")
    assert found.rule == Code.BLOCKING_BUILD


@pytest.mark.parametrize(
    "rule", ["require-concurrent-index-creation", "blocking-build", "table-emptied, blocking-build"]
)
def test_a_rule_or_a_code_is_ignored_for_a_statement(connection: Connection, rule: str) -> None:
    sql = (
        f"-- squawk-ignore {rule}\nCREATE INDEX one ON public.people (note);\nCREATE INDEX two ON public.people (note)"
    )
    (found,) = linted(connection, sql)
    assert (found.line, found.column) == (4, 1)


def test_a_finding_says_where_and_what(connection: Connection) -> None:
    sql = "SELECT 'é';  CREATE INDEX made ON public.people (note)"
    (found,) = linted(connection, sql)
    assert found == Finding(
        "up.sql",
        2,
        14,
        "blocking-build",
        "error",
        "builds public.made: nobody writes public.people meanwhile",
        MEANINGS[Code.BLOCKING_BUILD].hint,
        ("require-concurrent-index-creation",),
    )


def test_what_squawk_says_stands_at_its_statement(connection: Connection) -> None:
    sql = "SELECT 'éé'; SELECT 1;\nSELECT 'éé'; DROP INDEX public.people_age_idx; SELECT 1"
    (found,) = linted(connection, sql)
    assert (found.rule, found.line, found.column) == ("require-concurrent-index-deletion", 3, 14)
    assert linted(connection, f"-- hazard: INDEX_DROPPED: x\n{sql}".replace("age", "lower")) == ()


@pytest.mark.parametrize(
    ("sql", "planned"),
    [
        ("-- work: catalog only; old code works\nSELECT 1;", True),
        ("-- locks: SHARE on public.people\n-- hazard: INDEX_BUILD: x\nSELECT 1;", True),
        ("-- because\n-- work: builds public.a; old code works\nSELECT 1;", True),
        ("-- hazard: INDEX_BUILD: x\nSELECT 1;", False),
        ("SELECT 1; -- work: x", False),
        ("-- it works: really\nSELECT 1;", False),
    ],
)
def test_a_step_that_begins_with_the_notes_of_a_plan_is_planned(sql: str, planned: bool) -> None:  # noqa: FBT001
    (step,) = parse(f"-- step 1: transaction\n{sql}\n", name="up.sql").steps
    assert notes.read(step).planned is planned


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("-- migration one\n-- hazards: none\n\n-- step 1: transaction\nSELECT 1;", set()),
        ("-- hazards: none\n\n-- step 1\n-- work: x\nSELECT 1;\n-- step 2\nSELECT 2;", {1}),
        ("-- migration one, written by hand\n\n-- step 1: transaction\nSELECT 1;", {0}),
        ("-- step 1: backfill public.people by id\nUPDATE public.people SET age = 1;", set()),
        ("SELECT 1;", {0}),
    ],
)
def test_the_steps_that_no_plan_wrote(text: str, steps: set[int]) -> None:
    assert comments.by_hand(parse(f"{text}\n", name="up.sql")) == steps


def test_hazards_that_silence_are_hazards() -> None:
    assert {hazard for meaning in MEANINGS.values() for hazard in meaning.hazards} <= set(HazardCode)
    assert set(MEANINGS) == set(Code)
