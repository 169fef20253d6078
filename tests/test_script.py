"""The text of a migration: what is written is what is read, and everything malformed is named with its line."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mizzle import sqltext
from mizzle.errors import ConfigError
from mizzle.names import dotted
from mizzle.planning import batches, script
from mizzle.planning.steps import Backfill, Condition, Hazard, HazardCode, Lock, Statement, Step
from servers import embedded_bin

FORMAT = Path(__file__).parent.parent / "docs" / "format.md"

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
SIZES = {"schema": 1, "table": 2, "type": 2, "sequence": 2, "index": 2, "column": 3, "constraint": 3, "value": 3}
SQL = st.lists(
    st.sampled_from(
        [
            "SELECT 1",
            "SELECT ';' -- not a step",
            "SELECT $$\n-- step 9: nonsense\n$$",
            "/*\n-- step 9: x\n*/ SELECT 2",
            "SELECT 'a\r\nb', \"c\r\nd\", E'\\'\r\n'",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END",
            'ALTER TABLE "-- step 2: x" ADD "a\n-- step 3: y" int',
        ]
    ),
    min_size=1,
)


def conditions() -> st.SearchStrategy[Condition]:
    named = st.sampled_from(sorted(SIZES)).flatmap(
        lambda kind: st.builds(
            Condition,
            st.just(kind),
            st.tuples(*[NAMES] * SIZES[kind]),
            st.sampled_from(["exists", "is absent"] + ["is valid"] * (kind in {"index", "constraint"})),
        )
    )
    queries = st.sampled_from(["SELECT true", "select count(*) = 0 from a where b = ';' and \"c;\" is null"])
    return named | st.builds(Condition, st.just("query"), st.tuples(queries), st.just("holds"))


TIMEOUTS = st.none() | st.from_regex(r"[0-9]{1,3}(ms|s|min)?", fullmatch=True)
INSIDE = st.builds(
    lambda parts, lock, whole, done: Step(
        ";\n".join(parts),
        lock_timeout=lock,
        statement_timeout=whole,
        done_when=done,
        statements=tuple(map(Statement, parts)),
    ),
    SQL,
    TIMEOUTS,
    TIMEOUTS,
    st.none() | conditions(),
)
OUTSIDE = st.builds(
    Step,
    SQL.map(lambda parts: parts[0]),
    transaction=st.just(False),  # noqa: FBT003
    lock_timeout=TIMEOUTS,
    statement_timeout=TIMEOUTS,
    done_when=st.none() | conditions(),
)
BACKFILLS = st.builds(
    lambda table, key, batch, pause, lock, done: Step(
        f"UPDATE {dotted(*filter(None, table))} AS x SET a = 1",
        transaction=False,
        lock_timeout=lock,
        done_when=done,
        backfill=Backfill(table, tuple(key), batch, pause),
    ),
    st.tuples(st.just("") | NAMES, NAMES),
    st.lists(NAMES.filter(lambda name: name != "a"), min_size=1, max_size=3, unique=True),
    st.none() | st.integers(1, 1_000_000),
    TIMEOUTS,
    TIMEOUTS,
    st.none() | conditions(),
)
HEADS = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(lambda s: f"x {s}".rstrip()))


@given(st.lists(INSIDE | OUTSIDE | BACKFILLS, max_size=4), HEADS)
def test_a_written_script_reads_back(steps: list[Step], head: list[str]) -> None:
    text = script.render(steps, head=head)
    read = script.parse(text, name="up.sql")
    assert read.head == tuple(head)
    for step, again in zip(steps, read.steps, strict=True):
        statements = [fragment.sql for fragment in sqltext.split(again.sql)]
        said = [statement.sql for statement in step.statements] or [step.sql]
        wanted = [fragment.sql for sql in said for fragment in sqltext.split(sqltext.without_returns(sql))]
        assert statements == wanted
        assert (again.transaction, again.lock_timeout) == (step.transaction, step.lock_timeout)
        assert (again.statement_timeout, again.done_when) == (step.statement_timeout, step.done_when)
        assert again.backfill == step.backfill
    assert script.render(read.steps, head=read.head) == text


@given(conditions())
def test_a_condition_reads_back(condition: Condition) -> None:
    text = script.format_condition(condition)
    assert "\n" not in text
    assert script.parse_condition(text) == condition


CONDITIONS = [
    (Condition("index", ("public", "orders_at_idx"), "is valid"), "index public.orders_at_idx is valid"),
    (Condition("value", ("public", "status", "two words"), "exists"), 'value public.status."two words" exists'),
    (Condition("column", ("public", "order", "Id"), "is absent"), 'column public."order"."Id" is absent'),
    (Condition("table", ("public", "a\nb\\"), "exists"), 'table public.U&"a\\000ab\\\\" exists'),
    (Condition("query", ("SELECT count(*) = 0 FROM a",), "holds"), "query SELECT count(*) = 0 FROM a"),
]


@pytest.mark.parametrize(("condition", "text"), CONDITIONS)
def test_conditions_are_written_as_in_sql(condition: Condition, text: str) -> None:
    assert script.format_condition(condition) == text
    assert script.parse_condition(text) == condition


@pytest.mark.parametrize(
    "condition",
    [
        Condition("query", ("SELECT\n1",), "holds"),
        Condition("query", ("SELECT 1; SELECT 2",), "holds"),
        Condition("query", ("SELECT 1 -- why",), "holds"),
        Condition("table", ("users",), "exists"),
        Condition("table", ("public", "users"), "is valid"),
        Condition("planet", ("mars",), "exists"),
    ],
)
def test_a_condition_that_could_not_be_read_back_is_refused(condition: Condition) -> None:
    with pytest.raises(ConfigError):
        script.format_condition(condition)


MALFORMED = [
    ("-- step 2: transaction\na;", 1, "step 2 stands where step 1 is due"),
    ("-- step 01: transaction\na;", 1, "step 01 stands where step 1 is due"),
    ("-- step 1\na;\n\n-- step 3\nb;", 4, "step 3 stands where step 2 is due"),
    ("-- step 1: at once\na;", 1, "unknown clause in a step header: at once"),
    ("-- step 1: Transaction\na;", 1, "unknown clause"),
    ("-- step 1: transaction;\na;", 1, "unknown clause in a step header: an empty one"),
    ("-- step 1:\na;", 1, "step 1 has a colon and no clause"),
    ("-- step 1: transaction; no transaction\na;", 1, "a second clause for transaction"),
    ("-- step 1: lock_timeout 1s; lock_timeout 2s\na;", 1, "a second clause for lock_timeout"),
    ("-- step 1: lock_timeout\na;", 1, "unknown clause"),
    ("-- step 1: lock_timeout soon\na;", 1, "not a duration: soon"),
    ("-- step 1: statement_timeout -1\na;", 1, "not a duration: -1"),
    ("-- step 1: statement_timeout 25d\na;", 1, "not a duration: 25d"),
    ("-- step 1: statement_timeout 2147483648\na;", 1, "not a duration"),
    ("-- step 1: done when\na;", 1, "unknown clause"),
    ("-- step 1: done when planet mars exists\na;", 1, "unknown kind of object in a condition: planet"),
    ("-- step 1: done when table public.a\na;", 1, "a condition without its state"),
    ("-- step 1: done when table exists\na;", 1, "not a name in a condition"),
    ("-- step 1: done when table a.b.c exists\na;", 1, "names 2 parts, not 3"),
    ("-- step 1: done when table a..b exists\na;", 1, "not a name in a condition"),
    ("-- step 1: done when table a.'b' exists\na;", 1, "not a name in a condition: 'b'"),
    ("-- step 1: done when table a.Users exists\na;", 1, "a name with capitals and without quotes"),
    ("-- step 1: done when table a.b is valid\na;", 1, "a table cannot be asked for `is valid`"),
    ('-- step 1: done when table a."b exists\na;', 1, "a comment or an open quote in a step header"),
    ("-- step 1: transaction -- really\na;", 1, "a comment or an open quote in a step header"),
    ("-- step 1: done when query DELETE FROM a\na;", 1, "not a query for a condition"),
    ("-- step 1: done when query\na;", 1, "not a query for a condition"),
    ("-- step 1: transaction\n", 1, "a step without SQL"),
    ("-- step 1: transaction\n-- about it\n;\n-- step 2\nb;", 1, "a step without SQL"),
    ("-- step 1\na;\n-- step 2\n\n-- step 3\nb;", 3, "a step without SQL"),
    ("a;\n-- step 1: transaction\nb;", 1, "SQL before the first step header"),
    ("-- head\n\n/* x */ a;\n-- step 1: transaction\nb;", 3, "SQL before the first step header"),
    ("-- step 1: no transaction\n-- about it\na;\n\nb;", 5, "a second statement in a step outside a transaction"),
    ("-- step 1: backfill t\nUPDATE t SET a = 1;", 1, "not a backfill: backfill t"),
    ("-- step 1: backfill t by\nUPDATE t SET a = 1;", 1, "not names with commas between them in a backfill"),
    ("-- step 1: backfill t by id,\nUPDATE t SET a = 1;", 1, "not names with commas between them in a backfill"),
    ("-- step 1: backfill t by id, id\nUPDATE t SET a = 1;", 1, "not a backfill: "),
    ("-- step 1: backfill a.b.c by id\nUPDATE t SET a = 1;", 1, "not a backfill: "),
    ("-- step 1: backfill T by id\nUPDATE t SET a = 1;", 1, "a name with capitals and without quotes in a backfill: T"),
    ("-- step 1: backfill 't' by id\nUPDATE t SET a = 1;", 1, "not a name in a backfill: 't'"),
    ("-- step 1: backfill t by id; transaction\nUPDATE t SET a = 1;", 1, "a second clause for transaction"),
    ("-- step 1: batch 5\nUPDATE t SET a = 1;", 1, "batch and pause are of a backfill"),
    ("-- step 1: backfill t by id; batch 0\nUPDATE t SET a = 1;", 1, "not a number of rows: 0"),
    ("-- step 1: backfill t by id; batch 1000001\nUPDATE t SET a = 1;", 1, "not a number of rows"),
    ("-- step 1: backfill t by id; pause long\nUPDATE t SET a = 1;", 1, "not a duration: long"),
    ("-- step 1: backfill t by id\n\nUPDATE t SET a = 1;\nUPDATE t SET a = 2;", 4, "a second statement in a backfill"),
    ("-- step 1: backfill t by id\n-- note\nINSERT INTO t SELECT 1;", 3, "no UPDATE, no DELETE and no INSERT"),
    ("-- step 1: backfill t by id\nWITH u AS (SELECT 1) UPDATE t SET a = 1;", 2, "no UPDATE, no DELETE and no INSERT"),
    ("-- step 1: backfill t by id\nDELETE t;", 2, "no UPDATE, no DELETE and no INSERT"),
    ("-- step 1: backfill p.t by id\nUPDATE t SET a = 1;", 2, "a backfill of p.t that changes another table: t"),
    ('-- step 1: backfill t by id\nUPDATE "T" SET a = 1;', 2, "a backfill of t that changes another table"),
    ("-- step 1: backfill t by id\nUPDATE;", 2, "a backfill of t that changes another table"),
    ("-- step 1: backfill t by id\nUPDATE t;", 2, "not a statement that runs in batches"),
    ("-- step 1: backfill t by id\nUPDATE t x y SET a = 1;", 2, "not a statement that runs in batches: y"),
    ("-- step 1: backfill t by id\nUPDATE t (x) SET a = 1;", 2, "neither an alias nor what follows a table"),
    ("-- step 1: backfill t by id\nUPDATE t SET a = 1\nRETURNING id;", 3, "a RETURNING in a backfill"),
    ("-- step 1: backfill t by id\nUPDATE t SET a = $1;", 2, "a parameter in a backfill: $1"),
    ("-- step 1: backfill t by id\nDELETE FROM t WHERE CURRENT OF c;", 2, "a cursor in a backfill"),
    ("-- step 1: backfill t by id\nUPDATE t SET a = 1,\n ID = 2;", 3, "a backfill that changes the key it goes by: id"),
    ("-- step 1: backfill t by id\nINSERT INTO u VALUES (1);", 2, "no UPDATE, no DELETE and no INSERT"),
    ("-- step 1: backfill t by id\nINSERT INTO t SELECT id FROM u;", 2, "a backfill of t that reads another table: u"),
    ("-- step 1: backfill t by id\nINSERT INTO t (id)\nSELECT id FROM t;", 2, "adds to the table that it goes through"),
    (
        "-- step 1: backfill t by id\nINSERT INTO u SELECT 1 FROM t, v;",
        2,
        "neither an alias nor what follows a table: ,",
    ),
    ("-- step 1: backfill t by id\nINSERT INTO u SELECT 1 FROM t x JOIN v;", 2, "not a statement that runs in batches"),
    ("-- step 1: backfill t by id\nINSERT INTO u\nSELECT DISTINCT a FROM t;", 3, "of all rows together, in a backfill"),
    ("-- step 1: backfill t by id\nINSERT INTO u SELECT 1 FROM t WHERE a\nLIMIT 3;", 3, "of all rows together"),
    ("-- step 1: backfill t by id\nINSERT INTO u SELECT 1 FROM t WHERE a RETURNING b;", 2, "a RETURNING in a backfill"),
    ("-- step 1: backfill t by id\nUPDATE t SET (a, id) = (1, 2);", 2, "changes the key it goes by: id"),
    ("-- step 1: backfill t by id\nUPDATE t SET a = 1, id[f(1)].b = 2;", 2, "changes the key it goes by: id"),
    ("--step 1: transaction\na;", 1, "neither a step header nor another comment"),
    ("-- Step 1: transaction\na;", 1, "neither a step header nor another comment"),
    ("-- step: transaction\na;", 1, "neither a step header nor another comment"),
    ("a;\n-- step 2 of the plan\nb;", 1, "SQL before the first step header"),
    ("-- step 1\na;\n-- step 2 of the plan\nb;", 3, "neither a step header nor another comment"),
    ("\n  -- step 1: transaction\na;", 2, "a step header that does not begin its line"),
    ("-- step 1\na; -- step 2: transaction\nb;", 2, "a step header that does not begin its line"),
    ("-- step 1\na;\nb 'c;\n-- step 2\nd;", 3, "a string that does not end"),
    ("a $x$\nb", 1, "a string that does not end"),
    ('\na "b', 2, "a quoted name that does not end"),
    ("\n\n/* a", 3, "a comment that does not end"),
]


@pytest.mark.parametrize(("text", "line", "message"), MALFORMED)
def test_what_is_malformed_is_named_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        script.parse(text, name="x/up.sql")
    assert caught.value.message.startswith(f"x/up.sql, line {line}: ")
    assert message in caught.value.message
    assert caught.value.hint


CONFINED = [
    ("UPDATE t SET a = 1", "UPDATE t SET a = 1 WHERE (?)"),
    ("-- n\nUPDATE ONLY t * SET a = 1 -- e", "-- n\nUPDATE ONLY t * SET a = 1 WHERE (?)"),
    ("UPDATE t SET a = 1 WHERE a = 2 OR b;", "UPDATE t SET a = 1 WHERE (?) AND ( a = 2 OR b)"),
    ("DELETE FROM t u USING v where(u.a=v.a)", "DELETE FROM t u USING v where (?) AND ((u.a=v.a))"),
    (
        "UPDATE t SET a = (SELECT 1 FROM v WHERE id = 3), b[id] = v.where FROM w, id WHERE -- why\n true",
        "UPDATE t SET a = (SELECT 1 FROM v WHERE id = 3), b[id] = v.where FROM w, id WHERE (?) AND ( -- why\n true)",
    ),
]


@pytest.mark.parametrize(("sql", "confined"), CONFINED)
def test_a_backfill_is_confined_where_its_condition_stands(sql: str, confined: str) -> None:
    found = batches.read(sql, Backfill(("", "t"), ("id",)))
    assert found.within("?") == confined
    assert found.name == ("u" if " u " in sql else "t")
    end = len(found.before)
    assert [found.offset(place, "?") for place in range(end)] == list(range(end))
    for place in range(confined.rindex(found.behind) if found.behind else len(confined), len(confined) - 1):
        assert sql[found.offset(place, "?")] == confined[place]


COPIED = [
    ("INSERT INTO u SELECT a FROM t", "INSERT INTO u SELECT a FROM t WHERE (?)"),
    (
        "INSERT INTO p.t (a) SELECT (SELECT 1 FROM v) FROM ONLY t x FOR UPDATE ON CONFLICT (a) DO NOTHING;",
        "INSERT INTO p.t (a) SELECT (SELECT 1 FROM v) FROM ONLY t x WHERE (?) FOR UPDATE ON CONFLICT (a) DO NOTHING",
    ),
    (
        "INSERT INTO u SELECT a FROM t WHERE a > 1 OR b FOR SHARE",
        "INSERT INTO u SELECT a FROM t WHERE (?) AND ( a > 1 OR b) FOR SHARE",
    ),
]


@pytest.mark.parametrize(("sql", "confined"), COPIED)
def test_a_backfill_that_copies_is_confined_before_what_it_does_to_rows(sql: str, confined: str) -> None:
    found = batches.read(sql, Backfill(("", "t"), ("id",)))
    assert found.within("?") == confined
    assert found.name == ("x" if " x " in sql else "t")
    assert found.only == ("ONLY" in sql)
    for place in [*range(sql.index("t")), *range(len(confined) - len(found.tail), len(confined))]:
        assert sql[found.offset(place, "?")] == confined[place]


def test_a_file_without_headers_is_one_step() -> None:
    read = script.parse("-- head\n\n-- more\n/* why */ a;\n-- b\nc;\n\n", name="up.sql")
    assert read == script.Script(("head", "more"), (Step("/* why */ a;\n-- b\nc;", line=3),))
    assert script.line_of(read.steps[0], read.steps[0].sql.index("c")) == 6


@pytest.mark.parametrize("text", ["", "\n", "-- write SQL here", "/* nothing */\n", " ;\n"])
def test_a_file_without_sql_has_no_steps(text: str) -> None:
    assert script.parse(text, name="up.sql").steps == ()


@pytest.mark.parametrize(
    "text", ["$$\n-- step 1: x\n$$", "'\n-- step 1: x\n'", "/*\n-- step 1: x\n*/ a", '"\n-- step 1"']
)
def test_a_header_inside_a_token_is_none(text: str) -> None:
    assert script.parse(text, name="up.sql").steps == (Step(text),)


def test_lines_are_those_of_the_file() -> None:
    text = "-- head\n\n-- step 1: transaction\n-- note\nSELECT 1;\n\n-- step 2: no transaction\n\n\nVACUUM\n  x;\n"
    first, second = script.parse(text, name="up.sql").steps
    assert (first.line, second.line) == (3, 7)
    assert script.line_of(first, first.sql.index("SELECT")) == 5
    assert script.line_of(second, second.sql.index("x")) == 11


def test_carriage_returns_and_a_byte_order_mark_mean_nothing() -> None:
    text = "-- head\n\n-- step 1: transaction\nSELECT 'a\nb';\n"
    assert script.parse("\ufeff" + text.replace("\n", "\r\n"), name="up.sql") == script.parse(text, name="up.sql")


WORKS = "-- work: catalog only; old code works"


def _statement(sql: str, lock: Lock, relation: str, change: str = "", hazard: str = "") -> Statement:
    hazards = (Hazard(HazardCode.DELETES_DATA, f"table {relation}", hazard),) if hazard else ()
    return Statement(sql, lock, relation, hazards, change)


NOTES = [
    ((_statement("a", Lock.ACCESS_EXCLUSIVE, "public.a", "create table public.a"),), [WORKS]),
    (
        (
            _statement("a", Lock.SHARE, "p.a"),
            _statement("b", Lock.ACCESS_EXCLUSIVE, "p.b"),
            _statement("c", Lock.ACCESS_EXCLUSIVE, "p.a"),
            _statement("d", Lock.SHARE, "p.b"),
            _statement("e", Lock.SHARE, "p.c"),
            _statement("f", Lock.NONE, "p.d"),
        ),
        ["-- locks: ACCESS EXCLUSIVE on p.a, p.b", "-- locks: SHARE on p.c", WORKS],
    ),
    (
        tuple(_statement("a", Lock.SHARE, f"p.t{number}") for number in range(9)),
        ["-- locks: SHARE on p.t0, p.t1, p.t2, p.t3, p.t4, p.t5 and 3 more", WORKS],
    ),
    (
        (_statement("a", Lock.SHARE, "p.a", hazard="rows go"), _statement("b", Lock.SHARE, "p.a", hazard="rows go")),
        ["-- locks: SHARE on p.a", WORKS, "-- hazard: DELETES_DATA: rows go"],
    ),
    (
        (_statement("a", Lock.SHARE, 'p."x\nDROP TABLE y;\r"', hazard="one\ntwo"),),
        ['-- locks: SHARE on p."x DROP TABLE y; "', WORKS, "-- hazard: DELETES_DATA: one two"],
    ),
    (
        (
            Statement("a", rewrites=("p.a",), scans=("p.b", "p.a"), builds=("p.i",)),
            Statement("b", builds=("p.i", "p.j"), hazards=(Hazard(HazardCode.BREAKS_OLD_CODE, "table p.a", "away"),)),
        ),
        [
            "-- work: rewrites p.a; scans p.b, p.a; builds p.i, p.j; old code breaks",
            "-- hazard: BREAKS_OLD_CODE: away",
        ],
    ),
]


@pytest.mark.parametrize(("statements", "notes"), NOTES)
def test_a_step_says_what_it_locks_and_threatens(statements: tuple[Statement, ...], notes: list[str]) -> None:
    step = Step(";\n".join(statement.sql for statement in statements), statements=statements)
    lines = script.render([step]).splitlines()
    assert [line for line in lines if line.startswith("--")] == ["-- step 1: transaction", *notes]


def test_a_script_has_a_fixed_layout() -> None:
    steps = [
        Step(
            "SELECT 1;\nSELECT 2 -- two", lock_timeout="4s", statements=(Statement("SELECT 1"), Statement("SELECT 2"))
        ),
        Step("VACUUM a", transaction=False, done_when=Condition("table", ("public", "a"), "exists")),
    ]
    assert script.render(steps, head=["Head", ""]) == (
        f"-- Head\n--\n\n-- step 1: transaction; lock_timeout 4s\n{WORKS}\nSELECT 1;\n\nSELECT 2;\n\n"
        "-- step 2: no transaction; done when table public.a exists\nVACUUM a;\n"
    )
    assert not script.render([])


@pytest.mark.parametrize(
    ("step", "head"),
    [
        (Step(""), []),
        (Step("-- nothing"), []),
        (Step("a; b", transaction=False), []),
        (Step("a; /* b"), []),
        (Step("a;\n-- step 2: transaction\nb"), []),
        (Step("a", lock_timeout="soon"), []),
        (Step("a"), ["step 1: x"]),
    ],
)
def test_what_would_not_read_back_is_not_written(step: Step, head: list[str]) -> None:
    with pytest.raises(ConfigError):
        script.render([step], head=head)


def _example(name: str) -> str:
    return FORMAT.read_text().partition(f"<!-- {name} -->\n```sql\n")[2].partition("```")[0]


def test_the_documented_example_is_what_it_says_and_runs_in_psql(database: str, tmp_path: Path) -> None:
    psql = [str(embedded_bin() / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-f"]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE public.users (id bigint PRIMARY KEY, email text)")
        for name, there in (("up.sql", [True, True]), ("down.sql", [False, False])):
            read = script.parse(_example(name), name=name)
            assert [step.transaction for step in read.steps] == [name == "up.sql", name == "down.sql"]
            assert script.render(read.steps, head=read.head) == _example(name)
            (tmp_path / name).write_text(_example(name))
            subprocess.run([*psql, str(tmp_path / name)], check=True)
            found = connection.execute(
                "SELECT to_regclass('public.orders') IS NOT NULL, to_regclass('public.users_email_idx') IS NOT NULL"
            ).fetchone()
            assert found == tuple(there)


def test_a_literal_with_carriage_returns_keeps_its_value(database: str) -> None:
    sql = "SELECT 'a\r\n\\', E'b\\\\\r\n', $x$c'\r\n$x$, \"d\r\ne\" FROM (SELECT 1) AS f (\"d\r\ne\")"
    read = script.parse(script.render([Step(sql)]), name="up.sql")
    with psycopg.connect(database) as connection:
        assert connection.execute(read.steps[0].sql.encode()).fetchone() == ("a\r\n\\", "b\\\r\n", "c'\r\n", 1)
