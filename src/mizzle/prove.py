"""Plans run on the scratch server before anybody else sees them: forward to what is wanted, and back to what was."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import accumulate
from threading import Event, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Self

import msgspec
import psycopg

from mizzle.catalog import prune
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.catalog.read import prime
from mizzle.differ.compare import compare, describe
from mizzle.errors import DatabaseError, ProofError, ScratchError
from mizzle.names import ident
from mizzle.planning import roles, script
from mizzle.planning.plan import Plan, plan
from mizzle.planning.requirements import required
from mizzle.planning.script import Script
from mizzle.runner import conditions, rows
from mizzle.runner.backfill import run_through
from mizzle.runner.connection import forget
from mizzle.runner.execute import run_inside, run_outside, without_effect
from mizzle.runner.locate import Place
from mizzle.runner.scope import WHOLE, Scope
from mizzle.server.scratch import Server

if TYPE_CHECKING:
    from mizzle.server.session import Connection

_SHOWN = 12
_MOMENT = 0.05  # seconds between two attempts to end a replay that nobody wants any more
_TRIES = 40
STAND_IN = "tenant of mizzle"
"""What a tenant's schema is called where steps for tenants are proved: it must be quoted, as any name may."""


class Past(msgspec.Struct, frozen=True):
    """A migration to be replayed: `key` tells it apart from every other, `script` parses it where it has to run."""

    key: str
    script: Callable[[], Script]

    @classmethod
    def of(cls, script: Script) -> Self:
        """Return what is parsed already."""
        return cls(_digest("\0".join(step.sql for step in script.steps)), lambda: script)


class Scratch(Server):
    """The scratch server of the library: loads, rehomes, and proves plans.

    `tenants`: the steps that it proves name no schema for what is a tenant's, and `public` stands for that.
    """

    tenants = False

    def prove(self, plan: Plan) -> None:
        """Run `plan` on a database in its old state, then its undo; raise ProofError with the differences.

        The old state is built by a plan of its own, so it must be made of what is managed.
        """
        up = script.parse(plan.sql, name="up.sql")
        down = script.parse(plan.undo().sql, name="down.sql")
        first = script.parse(_from_nothing(plan.old, plan.major), name="the old state")
        prove(self, [first], up, down, old=plan.old, wanted=plan.new)


def prove(
    server: Scratch,
    history: Sequence[Script],
    up: Script,
    down: Script,
    *,
    old: Catalog,
    wanted: Catalog,
) -> Catalog:
    """Replay `history`, which must give `old`; run `up`, which must give `wanted`; run `down`, which must give `old`.

    Return what was read after `up`: `wanted` with the notes of a real database. Raises ProofError with the differences,
    DatabaseError where PostgreSQL refuses a statement.
    """
    with Stage(server, [Past.of(each) for each in history], old) as stage:
        return stage.prove(up, down, wanted)


class Stage:
    """A database in which `history` has given `old`, set up in a thread: what is proved on it can be made meanwhile."""

    def __init__(self, server: Scratch, history: Sequence[Past], old: Catalog) -> None:
        self._server = server
        self._old = old
        self._stack = ExitStack()
        self._failed: BaseException | None = None
        self._working: Connection | None = None
        self._unwanted = Event()
        self._done = Event()  # Thread.join() forgets, when Ctrl-C comes to it, that the thread goes on
        self._thread = Thread(target=self._set_up, args=(history,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._unwanted.set()
        for _ in range(_TRIES):
            if self._done.wait(_MOMENT):
                self._stack.close()
                return
            if self._working is not None:
                with suppress(psycopg.Error):  # it may be about to close
                    self._working.cancel_safe(timeout=1)
        # It does not end: the server, which is closed next, ends what still runs there.

    def prove(self, up: Script, down: Script, wanted: Catalog) -> Catalog:
        """Run `up`, which must give `wanted`, then `down`, which must lead back.

        Return what was read after `up`; raise ProofError and DatabaseError, those of the history too.
        """
        self._done.wait()
        if self._failed is not None:
            raise self._failed
        assert self._working is not None
        execute(self._server, self._working, up, name="up.sql")
        reached = self._server.read(self._working)
        expect(reached, wanted, "the migration does not reach the wanted schema")
        execute(self._server, self._working, down, name="down.sql")
        back = as_told(self._server.read(self._working), self._old)
        expect(back, self._old, "undoing the migration does not lead back")
        return reached

    def _set_up(self, history: Sequence[Past]) -> None:
        try:
            self._working = self._stack.enter_context(replayed(self._server, history, each=self._at))
            script.parse("--", name="nothing")  # compiles what reads SQL, while this thread alone has something to do
            if not history and self._old == EMPTY:
                prime(self._working)
                return
            found = as_told(self._server.read(self._working), self._old)
            expect(found, self._old, "replaying the migrations does not give the snapshot of the last one")
        except BaseException as error:  # noqa: BLE001 - it is raised where the stage is used
            self._failed = error
        finally:
            self._done.set()

    def _at(self, connection: Connection) -> None:
        """Take note of the connection on which the next migration is replayed, unless nobody wants that any more."""
        self._working = connection
        if self._unwanted.is_set():
            raise ScratchError("the replay was given up")


@contextmanager
def replayed(
    server: Scratch, history: Sequence[Past], *, each: Callable[[Connection], None] = lambda _: None
) -> Generator[Connection]:
    """Give a connection to a fresh database in which `history` was run; `each` is called before every migration.

    What was kept of an earlier replay is gone on from.
    """

    def build(connection: Connection, begun: int) -> None:
        for number, migration in enumerate(history[begun:], begun + 1):
            each(connection)
            execute(server, connection, migration.script(), name=f"migration {number} of {len(history)}")

    if not history:
        with server.database() as connection:
            yield connection
        return
    with server.built(_keys(history), build) as connection:
        yield connection


def _keys(history: Sequence[Past]) -> tuple[str, ...]:
    """Return what tells apart how far the history has been replayed: a key after each migration."""
    keys = accumulate((past.key for past in history), lambda before, key: _digest(f"{before} {key}"), initial="")
    return tuple(keys)[1:]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def execute(server: Scratch, connection: Connection, steps: Script, *, name: str) -> None:
    """Run steps as the runner does, without its records; roles that they name are made, where scratch is our own.

    Steps for tenants run in a schema with another name than `public`: one that names it after all is found out.
    """
    for role in roles.named(each for step in steps.steps for each in required(step)):
        server.need_role(role)
    with standing_in(connection, STAND_IN if server.tenants else "") as scope:
        rows.expect(connection, steps.steps, name=name)
        for number, step in enumerate(steps.steps, 1):
            _run(server, connection, Place(name, number, len(steps.steps), step), scope)


@contextmanager
def standing_in(connection: Connection, tenant: str) -> Generator[Scope]:
    """Let the schema `public` be called `tenant` and be the one that names without a schema mean; nothing for ''.

    Where the work in it fails it keeps that name: such a database is thrown away.
    """
    if not tenant:
        yield WHOLE
        return
    scope = Scope(tenant)
    if tenant != "public":
        connection.execute(f"ALTER SCHEMA public RENAME TO {ident(tenant)}".encode())
    forget(connection, scope)
    yield scope
    if tenant != "public":
        connection.execute(f"ALTER SCHEMA {ident(tenant)} RENAME TO public".encode())
    forget(connection)


def _run(server: Scratch, connection: Connection, place: Place, scope: Scope) -> None:
    step = place.step
    while True:
        try:
            if step.backfill is not None:
                run_through(connection, place, scope)
                break
            if step.transaction:
                run_inside(connection, place, record=lambda: None, scope=scope)
                return
            run_outside(connection, place, begun=lambda: None, scope=scope)
        except DatabaseError as error:
            if not isinstance(error.__cause__, psycopg.Error) or not server.mend(error.__cause__):
                raise
        else:
            break
    if step.done_when is not None and not conditions.holds(connection, step.done_when):
        raise without_effect(place)


def expect(found: Catalog, wanted: Catalog, message: str) -> None:
    """Raise ProofError with `message` and what differs, unless the catalogs are equal."""
    differences = describe(compare(found, wanted))
    if differences:
        shown = differences[:_SHOWN] + (("…",) if len(differences) > _SHOWN else ())
        raise ProofError(
            "\n  ".join((f"{message}:", *shown)),
            hint="nothing was written; please report it with the two schemas, or write the step by hand (--custom)",
            differences=differences,
        )


def as_told(found: Catalog, recorded: Catalog) -> Catalog:
    """Return `found` with no more of grants, owners and default privileges than were recorded."""
    return found if recorded == EMPTY else prune.with_access(found, recorded.also)


def _from_nothing(catalog: Catalog, major: int) -> str:
    return plan(EMPTY, catalog, major=major).sql
