"""A run, told to whoever wants to know: its caller, the logger `mizzle`, and a tracer where there is one."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from psycopg.pq import Conninfo

from mizzle.errors import ConfigError, MizzleError
from mizzle.runner.connection import Connection
from mizzle.runner.scope import Scope
from mizzle.runner.url import describe, parameters

if TYPE_CHECKING:
    from mizzle.runner.events import Event, Listener
    from mizzle.runner.log import Log
    from mizzle.runner.trace import Trace

_LOGGER = logging.getLogger("mizzle")
_LOGGER.addHandler(logging.NullHandler())  # where the application configures no logging, nothing is printed


@contextmanager
def observed(
    command: Literal["migrate", "rollback"],
    target: str | Connection,
    schema: str,
    scope: Scope,
    on_event: Listener | None,
) -> Generator[Listener]:
    """Give who is to be told of the events of a run on `target`, and tell how it ends.

    The error that ends it leaves with `where`: where the run was.
    """
    run = _Run(command, target, schema, scope)
    try:
        yield run.teller(on_event)
    except BaseException as error:
        run.failed(error)
        raise
    run.finished()


class _Run:
    """One run, as it is told."""

    def __init__(self, command: str, target: str | Connection, schema: str, scope: Scope) -> None:
        self._command = command
        self._target = target
        self._schema = schema
        self._scope = scope
        self._began = time.monotonic()
        self._trace = self._traced() if "opentelemetry.trace" in sys.modules else None

    def teller(self, on_event: Listener | None) -> Listener:
        """Return what tells of an event: the caller, too, where it wants to know."""

        def tell(event: Event) -> None:
            self._log.hear(event)
            if self._trace is not None:
                self._trace.hear(event)
            if on_event is not None:
                on_event(event)

        return tell

    def failed(self, error: BaseException) -> None:
        """Tell of the error that ends the run."""
        where = self._log.failed(error)
        if self._trace is not None:
            self._trace.end(error)
        if isinstance(error, MizzleError):
            error.where = where
            error.done = self._log.done

    def finished(self) -> None:
        """Tell that the run has come to its end."""
        if _LOGGER.isEnabledFor(logging.INFO):
            self._log.finished(time.monotonic() - self._began)
        if self._trace is not None:
            self._trace.end()

    def _traced(self) -> Trace:
        """Return the run's spans: for who has imported OpenTelemetry, and so may have configured it."""
        from mizzle.runner.history import mizzle_version  # noqa: PLC0415 - as in _log
        from mizzle.runner.trace import Trace  # noqa: PLC0415 - which imports OpenTelemetry

        more = {"schema": self._schema, "tenant": self._scope.tenant, "role": self._scope.role}
        return Trace(self._command, place(self._target), more, version=mizzle_version())

    @cached_property
    def _log(self) -> Log:
        from mizzle.runner.history import mizzle_version  # noqa: PLC0415 - most runs have nothing to tell
        from mizzle.runner.log import Log  # noqa: PLC0415 - as above

        context = {
            "command": self._command,
            "database": describe(place(self._target)),
            "schema": self._schema,
            "tenant": self._scope.tenant,
            "role": self._scope.role,
            "version": mizzle_version(),
        }
        return Log({name: value for name, value in context.items() if value})


def place(target: str | Connection) -> dict[str, str]:
    """Return libpq's parameters of where a run takes place; of a URL that cannot be read, none. May hold a password."""
    if not isinstance(target, str):
        return target.info.get_parameters()
    try:
        found = parameters(target)
    except ConfigError:
        return {}
    otherwise = {each.keyword.decode(): each.val.decode() for each in Conninfo.get_defaults() if each.val}
    return {**{name: otherwise[name] for name in ("user", "host", "port", "dbname") if name in otherwise}, **found}
