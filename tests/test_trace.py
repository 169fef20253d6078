"""Spans of OpenTelemetry: the run, its migrations, their steps; and none where nobody wants them."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from mizzle.errors import DatabaseError, LockedError
from mizzle.project.database import migrate
from projects import Project, execute, two_migrations
from servers import database_name

if TYPE_CHECKING:
    from conftest import Mizzle

EXPORTER = InMemorySpanExporter()


@pytest.fixture(scope="module", autouse=True)
def _provider() -> None:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(EXPORTER))
    trace.set_tracer_provider(provider)  # once in a process; nothing else of these tests traces


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return two_migrations(tmp_path_factory.mktemp("trace"))


@pytest.fixture(autouse=True)
def _cleared(shop: Project) -> None:
    EXPORTER.clear()


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def spans() -> list[ReadableSpan]:
    """All that ended, in the order in which they began."""
    return sorted(EXPORTER.get_finished_spans(), key=lambda span: span.start_time or 0)


def parents(found: list[ReadableSpan]) -> list[str | None]:
    names = {span.context.span_id: span.name for span in found if span.context}
    return [names.get(span.parent.span_id) if span.parent else None for span in found]


def test_a_run_its_migrations_and_their_steps_are_spans(shop: Project, database: str) -> None:
    first, second = shop.ids()
    with trace.get_tracer("application").start_as_current_span("startup") as startup:
        migrate(database, shop.migrations)
        assert trace.get_current_span() is startup
    found = spans()
    assert [span.name for span in found] == ["startup", "mizzle migrate", *["mizzle migration", "mizzle step"] * 2]
    below = ["mizzle migrate", "mizzle migration"]
    assert parents(found) == [None, "startup", *below * 2]
    told = [attributes(span) for span in found[1:]]
    assert {(each["db.system.name"], each["db.namespace"]) for each in told} == {
        ("postgresql", database_name(database))
    }
    assert [each.get("mizzle.migration") for each in told] == [None, first, first, second, second]
    assert [each.get("mizzle.state") for each in told] == [None, *["applied", "done"] * 2]
    assert (told[2]["mizzle.step"], found[3].kind, told[1]["mizzle.steps"]) == (1, SpanKind.CLIENT, 1)
    assert all(span.status.status_code is StatusCode.UNSET for span in found)
    EXPORTER.clear()
    migrate(database, shop.migrations)
    shop.run("rollback", "--url", database)
    assert [span.name for span in spans()] == ["mizzle migrate", "mizzle rollback", "mizzle migration", "mizzle step"]
    assert attributes(spans()[2])["mizzle.state"] == "reverted"


def test_an_error_is_recorded_where_it_happened(shop: Project, database: str) -> None:
    execute(database, "CREATE TABLE users ()")
    with pytest.raises(DatabaseError, match="already exists"):
        migrate(database, shop.migrations)
    found = spans()
    assert [span.name for span in found] == ["mizzle migrate", "mizzle migration", "mizzle step"]
    for span in found:
        assert span.status.status_code is StatusCode.ERROR
        assert attributes(span)["error.type"] == "DatabaseError"
        assert attributes(span)["db.response.status_code"] == "42P07"
        assert attributes(span)["mizzle.state"] == "failed"
    (event,) = found[2].events
    assert (event.name, dict(event.attributes or {})["exception.type"]) == ("exception", "DatabaseError")
    assert not trace.get_current_span().get_span_context().is_valid


def test_a_database_that_cannot_be_reached_is_a_span_too_without_the_password(shop: Project) -> None:
    with pytest.raises(DatabaseError):
        migrate("postgresql://app:s3cret@127.0.0.1:1/shop", shop.migrations)
    (span,) = spans()
    told = attributes(span)
    assert (told["db.namespace"], told["server.address"], told["server.port"]) == ("shop", "127.0.0.1", 1)
    assert "s3cret" not in span.to_json()


def test_what_a_step_waits_for_is_an_event_of_its_span(shop: Project, database: str) -> None:
    migrate(database, shop.migrations, to=shop.ids()[0])
    EXPORTER.clear()
    with psycopg.connect(database) as other:
        other.execute("LOCK TABLE users; SELECT 'x' AS \"ALTER ROLE r PASSWORD 's3cret'\"")
        with pytest.raises(LockedError):
            migrate(database, shop.migrations, lock_timeout="300ms")
    step = spans()[-1]
    assert {event.name for event in step.events} == {"mizzle.blocked", "mizzle.retrying", "exception"}
    assert "PASSWORD ***" in step.to_json()
    assert "s3cret" not in step.to_json()


def test_a_command_sends_traces_where_the_environment_asks_for_them(
    shop: Project, database: str, mizzle: Mizzle
) -> None:
    """Here to stdout, with the SDK's own exporter, below the span that the environment names."""
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    told = {"OTEL_TRACES_EXPORTER": "console", "OTEL_SERVICE_NAME": "shop", "TRACEPARENT": parent}
    ran = mizzle("-C", shop.folder, "-q", "migrate", "--url", database, env=told)
    assert (ran.returncode, ran.stderr) == (0, "")
    printed = ran.stdout[ran.stdout.index("{") :]
    found: list[dict[str, Any]] = []
    while printed.strip():
        value, end = json.JSONDecoder().raw_decode(printed := printed.lstrip())
        found.append(value)
        printed = printed[end:]
    assert [each["name"] for each in found] == [*["mizzle step", "mizzle migration"] * 2, "mizzle migrate"]
    assert {each["context"]["trace_id"] for each in found} == {"0x0af7651916cd43dd8448eb211c80319c"}
    assert (found[-1]["parent_id"], found[-1]["resource"]["attributes"]["service.name"]) == (
        "0xb7ad6b7169203331",
        "shop",
    )


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "console"}, ""),
        ({"OTEL_TRACES_EXPORTER": "none"}, ""),
        ({"OTEL_TRACES_EXPORTER": "nowhere"}, "no traces: the exporter nowhere is not installed"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, "no traces: the exporter otlp is not installed"),
    ],
)
def test_a_command_works_where_traces_cannot_be_sent(
    shop: Project, database: str, mizzle: Mizzle, told: dict[str, str], said: str
) -> None:
    ran = mizzle("-C", shop.folder, "migrate", "--url", database, env=told)
    assert ran.returncode == 0
    assert len(ran.stdout.splitlines()) == 2
    assert ran.stderr.startswith(said)
    assert bool(ran.stderr) == bool(said)


def test_without_being_asked_nothing_of_opentelemetry_is_imported(shop: Project, database: str, mizzle: Mizzle) -> None:
    assert "opentelemetry" in sys.modules  # of this process, by these tests
    ran = mizzle("-C", shop.folder, "migrate", "--url", database, env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert "mizzle.runner.attempt" in ran.stderr
    assert "opentelemetry" not in ran.stderr
