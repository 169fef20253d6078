"""A run as spans of OpenTelemetry: the run, its migrations, their steps (docs/log.md).

Only for an application that has imported opentelemetry: nothing else imports this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, StatusCode

from mizzle.errors import DatabaseError
from mizzle.runner.events import Applied, Event, Reverted, Started, StepDone, StepStarted
from mizzle.runner.log import fields, name, reason, sentence
from mizzle.runner.redaction import without_passwords

if TYPE_CHECKING:
    from contextvars import Token

    from opentelemetry.context import Context
    from opentelemetry.util.types import AttributeValue

# Those of https://opentelemetry.io/docs/specs/semconv/database/; all others begin with `mizzle.`.
_OF_PLACE = {"dbname": "db.namespace", "host": "server.address"}


class Trace:
    """The spans of one run, of which the innermost is the current one of this thread."""

    def __init__(self, command: str, place: Mapping[str, str], more: Mapping[str, str], *, version: str) -> None:
        self._tracer = trace.get_tracer("mizzle", version)
        port = place.get("port", "")
        self._common: dict[str, AttributeValue] = {
            "db.system.name": "postgresql",
            **{attribute: place[key] for key, attribute in _OF_PLACE.items() if place.get(key)},
            **({"server.port": int(port)} if port.isdecimal() else {}),
            **{f"mizzle.{key}": value for key, value in more.items() if value},
        }
        self._open: list[tuple[Span, Token[Context]]] = []
        self._start(f"mizzle {command}", {})

    def hear(self, event: Event) -> None:
        """Begin and end what the event says; whatever else happens is an event of the innermost span."""
        match event:
            case Started(migration, direction, steps, resumed):
                more = {"direction": direction, "steps": steps, "resumed": resumed}
                self._start("mizzle migration", {"migration": migration, **more})
            case StepStarted(migration, number, _, step):
                more = {"step": number, "transaction": step.transaction}
                self._start("mizzle step", {"migration": migration, **more}, kind=SpanKind.CLIENT)
            case StepDone():
                self._end("done")
            case Applied() | Reverted():
                self._end(name(event))
            case _:
                for span, _ in self._open[-1:]:  # none are left where a thread tells of what is over
                    span.add_event(f"mizzle.{name(event)}", _flat(event))

    def end(self, error: BaseException | None = None) -> None:
        """End the run: with an error, of which each span that was not done is told, and the innermost knows all."""
        if error is not None:
            span, _ = self._open[-1]
            said = {"exception.type": _kind(error), "exception.message": without_passwords(reason(error))}
            span.add_event("exception", said)
        while self._open:
            self._end("failed" if error is not None else "", error)

    def _start(self, called: str, more: Mapping[str, AttributeValue], *, kind: SpanKind = SpanKind.INTERNAL) -> None:
        attributes = self._common | {f"mizzle.{key}": value for key, value in more.items()}
        span = self._tracer.start_span(called, kind=kind, attributes=attributes)
        self._open.append((span, contexts.attach(trace.set_span_in_context(span))))

    def _end(self, state: str, error: BaseException | None = None) -> None:
        span, token = self._open.pop()
        if state:
            span.set_attribute("mizzle.state", state)
        if error is not None:
            span.set_status(StatusCode.ERROR, without_passwords(reason(error)))
            span.set_attribute("error.type", _kind(error))
            if isinstance(error, DatabaseError) and error.sqlstate:
                span.set_attribute("db.response.status_code", error.sqlstate)
        contexts.detach(token)
        span.end()


def _flat(event: Event) -> dict[str, AttributeValue]:
    """Return the event's fields as attributes can hold them."""
    scalars = {key: value for key, value in fields(event).items() if isinstance(value, str | int | float)}
    told: dict[str, AttributeValue] = {f"mizzle.{key}": value for key, value in scalars.items()}
    return told | {"message": without_passwords(sentence(event))}


def _kind(error: BaseException) -> str:
    return type(error).__qualname__
