"""A table that is copied while others write to it: in the end it has all that they have written, and nothing else."""

from __future__ import annotations

import random
import threading
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import IsolationLevel, errors

from mizzle.errors import DatabaseError
from mizzle.planning import script
from mizzle.planning.plan import plan
from mizzle.planning.session import pin_sql
from mizzle.planning.tenants import unqualified
from mizzle.runner.backfill import run_through
from mizzle.runner.execute import run_inside
from mizzle.runner.locate import Place
from mizzle.runner.migrate import migrate
from mizzle.runner.scope import WHOLE, Scope
from runner_units import rows, run, unit
from shared_pairs import majors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mizzle.prove import Scratch
    from servers import Server

_OLD = """
CREATE TABLE owners (id integer PRIMARY KEY);
CREATE TABLE things (
    kind integer NOT NULL, id bigint NOT NULL, code bigint UNIQUE, name text,
    owner integer REFERENCES owners ON DELETE CASCADE, above bigint,
    PRIMARY KEY (kind, id), FOREIGN KEY (kind, above) REFERENCES things ON DELETE CASCADE
);
CREATE UNIQUE INDEX things_name_idx ON things (lower(name));
"""
_ADDED = "ALTER TABLE things ADD long integer GENERATED ALWAYS AS (length(name)) STORED"
_FILL = """
INSERT INTO owners SELECT n FROM generate_series(1, 50) AS n;
INSERT INTO things SELECT n % 3, n, n, 'Name ' || n, n % 50 + 1, CASE WHEN n > 100 THEN 3 + n % 3 END
FROM generate_series(3, 2500) AS n;
CREATE TABLE witness AS SELECT * FROM things
"""
_BOTH = "SELECT kind, id, code, name, owner, above FROM {}"
_MISSING = f"({_BOTH} EXCEPT ALL {_BOTH}) ORDER BY 1, 2"
_TRIED_AGAIN = (errors.DeadlockDetected, errors.SerializationFailure)


@pytest.fixture(params=majors("18,15"))
def server(request: pytest.FixtureRequest, server_of: Callable[[int], Server]) -> Server:
    """Each of the servers in turn."""
    return server_of(request.param)


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    """A database with the old tables, and a witness of what clients write, which nobody migrates."""
    url = server.create()
    run(url, _OLD, _FILL)
    yield url
    server.drop(url)


@dataclass
class Client:
    """Writes what it pleases to the table, and the same to the witness, in transactions of one isolation level."""

    url: str
    number: int
    level: IsolationLevel
    over: threading.Event
    done: int = 0
    failed: list[BaseException] = field(default_factory=list[BaseException])

    def write(self) -> None:
        """Write until it is over; what does not get along with others is tried again."""
        dice, fresh = random.Random(self.number), 10_000 * (self.number + 1)  # noqa: S311 - the same each time
        try:
            with closing(psycopg.connect(self.url, autocommit=True)) as connection:
                connection.isolation_level = self.level
                while not self.over.is_set():
                    fresh += 3
                    self._patiently(connection, list(_written(dice, fresh)))
                    self.done += 1
        except BaseException as error:  # noqa: BLE001 - the test's, to raise
            self.failed.append(error)

    def _patiently(self, connection: psycopg.Connection[Any], statements: list[str]) -> None:
        while True:
            try:
                with connection.transaction():
                    for statement in statements:
                        for table in ("things", "witness"):
                            connection.execute(statement.format(table).encode())
            except _TRIED_AGAIN:
                if self.over.is_set():
                    return
            else:
                return


def _written(dice: random.Random, fresh: int) -> Iterator[str]:
    """Yield the statements of a transaction; `fresh` is a number that nobody else has."""
    old = dice.randrange(100, 2500)
    for _ in range(dice.randrange(1, 4)):
        fresh += 1
        old = old + dice.randrange(1, 40)
        yield dice.choice(
            [
                f"INSERT INTO {{0}} VALUES (0, {fresh}, {fresh}, 'New {fresh}', {fresh % 50 + 1}, NULL)",
                f"UPDATE {{0}} SET name = 'Other {fresh}' WHERE id = {old}",
                f"UPDATE {{0}} SET owner = {fresh % 50 + 1} WHERE id BETWEEN {old} AND {old + 20}",
                f"UPDATE {{0}} SET id = {fresh}, code = {fresh} WHERE id = {old} AND id > 100",
                f"UPDATE {{0}} SET kind = 3 - kind, above = NULL WHERE id = {old} AND id > 100",
                f"DELETE FROM {{0}} WHERE id = {old} AND id > 100",
            ]
        )


@pytest.mark.parametrize("truncated", [False, True])
def test_what_clients_write_meanwhile_is_there(url: str, server: Server, scratch: Scratch, *, truncated: bool) -> None:
    steps = plan(scratch.load(_OLD), scratch.load(f"{_OLD}; {_ADDED}"), major=server.major).sql
    assert "INTO public.things_replaced" in steps
    slow = steps.replace("by kind, id\n", "by kind, id; batch 40; pause 5ms\n")
    over = threading.Event()
    levels = (IsolationLevel.READ_COMMITTED, IsolationLevel.READ_COMMITTED, IsolationLevel.REPEATABLE_READ)
    clients = [Client(url, number, level, over) for number, level in enumerate(levels)]
    threads = [threading.Thread(target=client.write) for client in clients]
    if truncated:
        threads.append(threading.Thread(target=_truncate, args=(url,)))
    for thread in threads:
        thread.start()
    try:
        migrate(url, [unit("20260105000000_copy", slow)], lock_timeout="60s")
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert [error for client in clients for error in client.failed] == []
    assert all(client.done for client in clients)
    assert rows(url, _MISSING.format("things", "witness")) == []
    assert rows(url, _MISSING.format("witness", "things")) == []
    assert rows(url, "SELECT count(*) FROM things WHERE long IS DISTINCT FROM length(name)") == [(0,)]


def _truncate(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("TRUNCATE things, witness")
        connection.execute(_FILL.partition(";")[2].partition(";")[0].encode())
        connection.execute("INSERT INTO witness SELECT kind, id, code, name, owner, above FROM things")


def _through(connection: psycopg.Connection[Any], sql: str, *numbers: int, scope: Scope = WHOLE) -> None:
    """Run some of the steps of a plan, counted from 1."""
    connection.execute(pin_sql(scope.tenant, more=(("role", scope.role or "none"),)).encode())
    steps = script.parse(sql, name="up.sql").steps
    for number in numbers:
        place = Place("up.sql", number, len(steps), steps[number - 1])
        if place.step.backfill is not None:
            run_through(connection, place, scope)
        else:
            run_inside(connection, place, scope=scope, record=lambda: None)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM public.things WHERE id = 300",
        "UPDATE public.things SET id = -300, code = -300 WHERE id = 300",
        "UPDATE public.things SET name = 'x' WHERE id = 300",
    ],
)
def test_who_does_not_see_what_was_copied_has_to_try_again(
    url: str, server: Server, scratch: Scratch, statement: str
) -> None:
    sql = plan(scratch.load(_OLD), scratch.load(f"{_OLD}; {_ADDED}"), major=server.major).sql
    with (
        closing(psycopg.connect(url, autocommit=True)) as migrator,
        closing(psycopg.connect(url)) as client,
    ):
        client.isolation_level = IsolationLevel.REPEATABLE_READ
        _through(migrator, sql, 1)
        client.execute("SELECT count(*) FROM public.owners")
        _through(migrator, sql, 2)
        with pytest.raises(errors.SerializationFailure):
            client.execute(statement.encode())
        client.rollback()
        client.execute(statement.encode())
        client.commit()
        _through(migrator, sql, 3, 4)
        found = migrator.execute("SELECT id, name FROM public.things WHERE abs(id) = 300").fetchall()
    expected = {"DELETE": [], "UPDATE": [(-300, "Name 300")] if "-300" in statement else [(300, "x")]}
    assert found == expected[statement.partition(" ")[0]]


_TOUCHING = """
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF pg_trigger_depth() > 1 THEN RETURN NULL; END IF;
    CASE TG_OP
        WHEN 'DELETE' THEN INSERT INTO public.things VALUES (OLD.kind, OLD.id, OLD.code, 'back ' || OLD.id);
        WHEN 'UPDATE' THEN
            UPDATE public.things SET name = name || '!' WHERE id IN (NEW.id, NEW.id - 3);
            UPDATE public.things SET id = -id WHERE id = NEW.id AND NEW.name = 'moved';
            UPDATE public.things SET code = OLD.code WHERE id = 700 AND NEW.code <> OLD.code;
        ELSE DELETE FROM public.things WHERE id = NEW.id AND NEW.name = 'unwanted';
    END CASE;
    RETURN NULL;
END $$;
CREATE TRIGGER "Touch" AFTER INSERT OR UPDATE OR DELETE ON things FOR EACH ROW EXECUTE FUNCTION touch();
"""


@pytest.mark.parametrize("level", [IsolationLevel.READ_COMMITTED, IsolationLevel.SERIALIZABLE], ids=str)
def test_what_triggers_write_once_more_is_there(server: Server, scratch: Scratch, level: IsolationLevel) -> None:
    old = _OLD + _TOUCHING
    sql = plan(scratch.load(old), scratch.load(f"{old}; {_ADDED}"), major=server.major).sql
    url = server.create()
    run(url, old, 'ALTER TABLE things DISABLE TRIGGER "Touch"', _FILL, 'ALTER TABLE things ENABLE TRIGGER "Touch"')
    with closing(psycopg.connect(url, autocommit=True)) as migrator, closing(psycopg.connect(url)) as client:
        client.isolation_level = level
        _through(migrator, sql, 1, 2)
        client.execute("UPDATE public.things SET owner = 7 WHERE id BETWEEN 300 AND 320")
        client.execute("UPDATE public.things SET name = 'moved' WHERE id = 400")
        client.execute("UPDATE public.things SET code = -code WHERE id = 500")
        client.execute("DELETE FROM public.things WHERE id BETWEEN 600 AND 620")
        client.execute("INSERT INTO public.things VALUES (1, -1, -1, 'unwanted'), (1, -2, -2, 'wanted')")
        client.commit()
        expected = migrator.execute(f"{_BOTH} ORDER BY 1, 2".format("public.things").encode()).fetchall()
        _through(migrator, sql, 3, 4)
        assert migrator.execute(f"{_BOTH} ORDER BY 1, 2".format("public.things").encode()).fetchall() == expected
    assert {(1, -2), (1, -400), (1, 601)} <= {row[:2] for row in expected}
    server.drop(url)


def test_what_comes_by_replication_is_there(url: str, server: Server, scratch: Scratch) -> None:
    sql = plan(scratch.load(_OLD), scratch.load(f"{_OLD}; {_ADDED}"), major=server.major).sql
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        _through(connection, sql, 1, 2)
        connection.execute("SET session_replication_role TO replica")
        connection.execute(
            "INSERT INTO public.things VALUES (1, -1, -1, 'sent'); DELETE FROM public.things WHERE id > 3"
        )
        connection.execute("RESET session_replication_role")
        _through(connection, sql, 3, 4)
        found = connection.execute("SELECT id, long FROM public.things ORDER BY id").fetchall()
    assert found == [(-1, 4), (3, 6)]


@pytest.fixture
def roles(server: Server) -> Iterator[tuple[str, str, str]]:
    """Three roles of the server: one that shall own tables, one that is a member of it, one that only adds rows."""
    found = tuple(f"{each}_{uuid4().hex}" for each in ("owns", "member", "adds"))
    url = server.create()
    run(url, *(f"CREATE ROLE {each}" for each in found), f"GRANT {found[0]} TO {found[1]}")
    yield found[0], found[1], found[2]
    run(url, *(f"DROP ROLE {each}" for each in reversed(found)))
    server.drop(url)


def test_roles_have_what_they_had(server: Server, scratch: Scratch, roles: tuple[str, str, str]) -> None:
    """Whoever migrates is a member of the role that owns the table, and may see all its rows; others may add some."""
    owns, member, adds = roles
    old = (
        f"{_OLD} ALTER TABLE things ENABLE ROW LEVEL SECURITY; CREATE POLICY a ON things FOR INSERT WITH CHECK (true);"
    )
    sql = plan(scratch.load(old), scratch.load(f"{old} {_ADDED}"), major=server.major).sql
    url = server.create()
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute(f"GRANT CREATE, USAGE ON SCHEMA public TO {owns}, {member}; SET ROLE {owns}; {old}".encode())
        connection.execute(f"{_FILL}; GRANT INSERT ON things TO {adds}".encode())
        _through(connection, sql, 1, 2, scope=Scope("", member))
        for number in (-1, -2):
            connection.execute(f"SET ROLE {adds}; CREATE TEMP TABLE things_replaced ()".encode())
            connection.execute(f"INSERT INTO public.things VALUES (1, {number}, {number}, 'n {number}')".encode())
            connection.execute("DROP TABLE pg_temp.things_replaced")
            _through(connection, sql, *((3, 4, 5, 6) if number == -1 else ()), scope=Scope("", member))
        found = connection.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'things'").fetchall()
        assert found == [(owns,)]
        connection.execute("RESET ROLE")
        found = connection.execute("SELECT id, long FROM public.things WHERE id < 5 ORDER BY id").fetchall()
        assert found == [(-2, 4), (-1, 4), (3, 6), (4, 6)]
    server.drop(url)


def test_a_tenant_has_a_copy_of_its_own(server: Server, scratch: Scratch) -> None:
    old = _OLD.replace(
        "kind integer NOT NULL, id bigint", "kind integer NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY"
    )
    steps = plan(scratch.load(old), scratch.load(f"{old}; {_ADDED}"), major=server.major).steps
    sql = script.render(unqualified(steps, "public"))
    assert "public." not in "\n".join(line for line in sql.splitlines() if not line.startswith("--"))
    url = server.create()
    run(url, "CREATE SCHEMA one; CREATE SCHEMA two", *(f"SET search_path TO {each}; {old}" for each in ("one", "two")))
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        added = "INSERT INTO {}.things (kind, name) VALUES (1, '{}')"
        for tenant in ("one", "two"):
            connection.execute(added.format(tenant, "before").encode())
            _through(connection, sql, 1, 2, scope=Scope(tenant))
        connection.execute("SET search_path TO public")
        connection.execute("CREATE TEMP TABLE things_replaced (LIKE one.things)")
        connection.execute(added.format("one", "meanwhile").encode())
        connection.execute("DELETE FROM two.things")
        connection.execute("DROP TABLE things_replaced")
        for tenant in ("two", "one"):
            _through(connection, sql, *range(3, len(steps) + 1), scope=Scope(tenant))
            connection.execute(added.format(tenant, "after").encode())
        found = connection.execute("SELECT id, name, long FROM one.things ORDER BY id").fetchall()
        assert found == [(1, "before", 6), (2, "meanwhile", 9), (3, "after", 5)]
        assert connection.execute("SELECT id, name, long FROM two.things").fetchall() == [(2, "after", 5)]
    server.drop(url)


_UNKNOWN = {
    "CREATE INDEX more ON things (above)": "index more",
    "CREATE TRIGGER more BEFORE UPDATE ON things EXECUTE FUNCTION suppress_redundant_updates_trigger()": "trigger more",
    "CREATE POLICY more ON things": "policy more",
    "ALTER TABLE things ENABLE ROW LEVEL SECURITY": "row level security",
    "ALTER TABLE things ADD CONSTRAINT more CHECK (id <> 0)": "constraint more",
    "ALTER TABLE things ALTER above SET DEFAULT 5": "column above bigint DEFAULT 5",
    "ALTER TABLE things ADD more integer": "column more integer",
    "CREATE VIEW more AS SELECT id FROM things": "view public.more",
    "CREATE STATISTICS more ON kind, owner FROM things": "statistics more",
    "CREATE RULE more AS ON DELETE TO things DO ALSO NOTHING": "rule more",
    "CREATE TABLE m (code bigint CONSTRAINT more REFERENCES things (code))": "constraint more of public.m",
    "CREATE PUBLICATION more_of_things FOR TABLE things": "publication more_of_things",
}


@pytest.mark.parametrize("more", _UNKNOWN)
def test_what_nobody_knows_of_is_not_lost(url: str, server: Server, scratch: Scratch, more: str) -> None:
    sql = plan(scratch.load(_OLD), scratch.load(f"{_OLD}; {_ADDED}"), major=server.major).sql
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute(more.encode())
        with pytest.raises(DatabaseError, match=f"has more than is known here.*: {_UNKNOWN[more]}\n"):
            _through(connection, sql, 1)
        assert rows(url, "SELECT to_regclass('public.things_replaced')") == [(None,)]
