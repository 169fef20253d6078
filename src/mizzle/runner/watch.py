"""Looks, from a second connection, at what a running step waits for.

After a lock timeout the server can no longer say who was in the way, so that it is asked meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from types import TracebackType
from typing import Self

import psycopg

from mizzle.runner.activity import Holder, Progress, blockers, progress
from mizzle.runner.connection import Connection, twin

_DELAY, _INTERVAL = 0.1, 0.3
_PATIENCE = 2.0  # a second connection that does not come about must not hold up the run


class Watch:
    """While it is entered, watches backend `pid`, which is that of `conn`.

    `seen` are the last sessions that it waited for. `on_block` is called, in a thread of its own, whenever they change,
    and `on_progress` with how far it is; what they raise comes out at the end. A step that is done at once costs no
    second connection. Where there is none to be had, nothing is seen.
    """

    def __init__(
        self,
        conn: Connection,
        pid: int,
        on_block: Callable[[tuple[Holder, ...]], None],
        on_progress: Callable[[Progress], None],
    ) -> None:
        self.seen: tuple[Holder, ...] = ()
        self._conn = conn
        self._pid = pid
        self._on_block = on_block
        self._on_progress = on_progress
        self._over = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="mizzle-watch", daemon=True)

    @property
    def is_lost(self) -> bool:
        """Whether the connection that is watched is gone."""
        return self._conn.closed

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._over.set()
        self._thread.join(_PATIENCE)
        if self._error is not None and error is None:
            raise self._error

    def _run(self) -> None:
        if self._over.wait(_DELAY):
            return
        try:
            with closing(twin(self._conn)) as other:
                self._look(other)
        except psycopg.Error:
            return  # it only tells; the step goes on without
        except BaseException as error:  # noqa: BLE001 - the listener's, for __exit__ to raise
            self._error = error

    def _look(self, other: Connection) -> None:
        told: Progress | None = None
        while not self._over.is_set():
            found = blockers(other, self._pid)
            if found and [holder.pid for holder in found] != [holder.pid for holder in self.seen]:
                self._on_block(found)
            self.seen = found or self.seen
            how_far = progress(other, self._pid)
            if how_far is not None and how_far != told:
                self._on_progress(how_far)
                told = how_far
            self._over.wait(_INTERVAL)
