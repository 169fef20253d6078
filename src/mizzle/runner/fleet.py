"""The same work on many databases, or on many tenants' schemas: some at once, a few first, and an end to it in time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Literal

import msgspec
import psycopg
from psycopg.pq import TransactionStatus

from mizzle.errors import MizzleError
from mizzle.runner.connection import Connection, connect
from mizzle.runner.units import Held

GROWTH = 10
"""How many times the size of the one before a wave is."""


class Target(msgspec.Struct, frozen=True):
    """One database, or one tenant's schema in it (a raw name); `name` is what people are shown, without a password."""

    name: str
    url: str
    tenant: str = ""


class Outcome(msgspec.Struct, frozen=True):
    """What became of a target.

    `applied`; `current` where there was nothing to do, `pending` where there is and nobody was to do it; `failed`;
    `left` where nobody began. `ids` are the migrations that were applied, or that are pending for who only looks;
    `failure` is why it failed, `held` what waits there until no old code runs any more.
    """

    target: Target
    state: Literal["applied", "current", "pending", "failed", "left"]
    ids: tuple[str, ...] = ()
    seconds: float = 0.0
    failure: MizzleError | None = None
    held: tuple[Held, ...] = ()


class Pace(msgspec.Struct, frozen=True):
    """How a fleet is gone through: `jobs` at once; the first `canaries` alone, one after the other; then in waves.

    Nothing more is begun when a canary has failed, or more than the share `stop` (0 to 1) of the whole fleet.
    """

    jobs: int = 4
    canaries: int = 1
    stop: float = 0.05

    def waves(self, size: int) -> Iterator[tuple[int, int]]:
        """Yield where each wave begins and ends: the canaries, then each GROWTH times as large as the one before."""
        start, length = 0, self.canaries or size
        while start < size:
            end = min(size, start + length)
            yield start, end
            start, length = end, max(length, self.jobs) * GROWTH


Work = Callable[[Connection, Target], Outcome]
Listener = Callable[[Outcome, int], None]
"""Is told of each outcome, and of how many there are with it."""


def run(targets: Sequence[Target], work: Work, *, pace: Pace, on_done: Listener) -> tuple[Outcome, ...]:
    """Do `work` on each target over a connection that it does not close; return what became of each, in their order.

    A worker keeps its connection from one target to the next of the same database. What is raised for a target is its
    outcome; what is no MizzleError comes out when those that run have ended, as does KeyboardInterrupt.
    """
    hands = _Hands(work)
    with ThreadPoolExecutor(pace.jobs, thread_name_prefix="mizzle-fleet") as pool:
        going = _Run(targets, pace, lambda target: pool.submit(hands.take, target), on_done)
        try:
            going.through()
        finally:
            hands.close()
    return tuple(going.outcomes.get(place, Outcome(target, "left")) for place, target in enumerate(targets))


class _Run:
    """One way through a fleet."""

    def __init__(
        self, targets: Sequence[Target], pace: Pace, submit: Callable[[Target], Future[Outcome]], on_done: Listener
    ) -> None:
        self.outcomes: dict[int, Outcome] = {}
        self._failed = 0
        self._targets = targets
        self._pace = pace
        self._submit = submit
        self._on_done = on_done

    def through(self) -> None:
        """Go wave by wave, until all is done or too much has failed."""
        for start, end in self._pace.waves(len(self._targets)):
            canary = end <= self._pace.canaries
            bearable = 0 if canary else self._pace.stop * len(self._targets)
            self._wave(range(start, end), jobs=1 if canary else self._pace.jobs, failures=bearable)
            if self._failed > bearable:
                return

    def _wave(self, places: range, *, jobs: int, failures: float) -> None:
        """Do `jobs` at once, and begin no more when there are more than so many failures."""
        running: dict[Future[Outcome], int] = {}
        waiting = iter(places)
        while True:
            while len(running) < jobs and self._failed <= failures and (place := next(waiting, None)) is not None:
                running[self._submit(self._targets[place])] = place
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                outcome = future.result()
                self.outcomes[running.pop(future)] = outcome
                self._failed += outcome.state == "failed"
                self._on_done(outcome, len(self.outcomes))


class _Hands:
    """The workers' connections, one for each thread."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._own = threading.local()
        self._all: list[Connection] = []
        self._lock = threading.Lock()

    def take(self, target: Target) -> Outcome:
        """Do the work on one target."""
        began = time.monotonic()
        try:
            outcome = self._work(self._connection(target.url), target)
        except MizzleError as error:
            outcome = Outcome(target, "failed", failure=error)
            self._let_go()  # nobody knows what the session still holds
        return msgspec.structs.replace(outcome, seconds=time.monotonic() - began)

    def close(self) -> None:
        """Close all connections; whoever still works on one is interrupted, and what it did not commit is undone."""
        with self._lock:
            for conn in self._all:
                with suppress(psycopg.Error):  # it may be about to close
                    if not conn.closed and conn.info.transaction_status == TransactionStatus.ACTIVE:
                        conn.cancel_safe(timeout=1)
        for conn in self._all:
            conn.close()

    def _connection(self, url: str) -> Connection:
        held: tuple[str, Connection] | None = getattr(self._own, "held", None)
        if held is not None and held[0] == url and not held[1].closed:
            return held[1]
        self._let_go()
        conn = connect(url)
        with self._lock:
            self._all.append(conn)
        self._own.held = url, conn
        return conn

    def _let_go(self) -> None:
        held: tuple[str, Connection] | None = getattr(self._own, "held", None)
        if held is None:
            return
        self._own.held = None
        held[1].close()
        with self._lock:
            self._all.remove(held[1])
