"""Traces of a command, where the environment asks for them as OpenTelemetry's own variables say."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, entry_points

from opentelemetry import context as contexts
from opentelemetry import propagate, trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

_PARENT = ("TRACEPARENT", "TRACESTATE")


def start(note: Callable[[str], None]) -> Callable[[], None]:
    """Configure tracing as the environment says, below the span that it names; return what sends the rest at the end.

    `note` is told of an exporter that is not installed.
    """
    provider = TracerProvider()
    for name in filter(None, map(str.strip, os.environ.get("OTEL_TRACES_EXPORTER", "otlp").split(","))):
        found = next(_installed(name), None)
        if found is None:
            note(f"no traces: the exporter {name} is not installed (opentelemetry-exporter-...)")
        else:
            provider.add_span_processor(BatchSpanProcessor(found.load()()))
    trace.set_tracer_provider(provider)
    carried = {each.lower(): os.environ[each] for each in _PARENT if each in os.environ}
    contexts.attach(propagate.extract(carried))
    return provider.shutdown


def _installed(name: str) -> Iterator[EntryPoint]:
    """Yield the installed exporters that `name` may mean, the best first."""
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    both = ["otlp_proto_http", "otlp_proto_grpc"]
    names = (both[::-1] if protocol == "grpc" else both) if name == "otlp" else [name]
    for each in names:
        yield from entry_points(group="opentelemetry_traces_exporter", name=each)
