"""Whatever ends a run, and whenever: the next one completes it, and nothing tells that anything had happened.

`make crashes` does five hundred; MIZZLE_TEST_CRASHES says how many. The number in a test's name is its seed.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import pytest

from cutting import Proxy
from projects import Project, project
from runner_units import rows
from servers import Server, database_name, embedded_bin, tcp_url

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNS = int(os.environ.get("MIZZLE_TEST_CRASHES", "4"))
KINDS = ("kill", "terminate", "restart", "cut")
_LONGEST = 90  # seconds for one run, whatever it waits for

MODELS = (
    "CREATE TABLE people (id integer PRIMARY KEY, name text NOT NULL, tenant integer NOT NULL)",
    "CREATE TABLE orders (id integer PRIMARY KEY, person integer NOT NULL, amount integer NOT NULL, at date NOT NULL)",
    "CREATE INDEX orders_old_idx ON orders (at)",
    "CREATE TABLE counted (what text PRIMARY KEY, number bigint NOT NULL)",
    "CREATE TABLE events (id integer NOT NULL, year integer NOT NULL) PARTITION BY LIST (year)",
    "CREATE TABLE events_2025 PARTITION OF events FOR VALUES IN (2025)",
    "CREATE TABLE events_2026 PARTITION OF events FOR VALUES IN (2026)",
)
# Each of these shows in the data or the catalog when it ran twice, or not at all.
DATA = """\
-- step 1: transaction
INSERT INTO public.people SELECT n, 'p' || n, n % 7 FROM generate_series(1, 2000) AS n;
INSERT INTO public.orders SELECT n, n % 2000 + 1, 1, date '2026-01-01' + n % 300 FROM generate_series(1, 40000) AS n;
INSERT INTO public.events SELECT n, 2025 + n % 2 FROM generate_series(1, 2000) AS n;

-- step 2: transaction
INSERT INTO public.counted SELECT 'orders', count(*) FROM public.orders;

-- step 3: transaction
UPDATE public.orders SET amount = amount + 1;
UPDATE public.counted SET number = number + 1;

-- step 4: backfill public.orders by id; pause 1ms
UPDATE public.orders SET amount = amount + 1;
"""
CONCURRENT = """\
-- step 1: no transaction; done when index public.orders_person_idx is valid
CREATE INDEX CONCURRENTLY orders_person_idx ON public.orders (person, amount);

-- step 2: transaction
UPDATE public.counted SET number = number * 2;

-- step 3: no transaction; done when index public.orders_old_idx is absent
DROP INDEX CONCURRENTLY public.orders_old_idx;

-- step 4: transaction
ALTER TABLE public.orders ADD CONSTRAINT orders_person_fk FOREIGN KEY (person) REFERENCES public.people NOT VALID;
ALTER TABLE public.orders ADD CONSTRAINT orders_amount_check CHECK (amount > 0) NOT VALID;

-- step 5: transaction
ALTER TABLE public.orders VALIDATE CONSTRAINT orders_person_fk;
ALTER TABLE public.orders VALIDATE CONSTRAINT orders_amount_check;

-- step 6: no transaction; done when query {attached}
ALTER TABLE public.events DETACH PARTITION public.events_2025 CONCURRENTLY;

-- step 7: no transaction; done when index public.people_tenant_idx is valid
CREATE UNIQUE INDEX CONCURRENTLY people_tenant_idx ON public.people (tenant, lower(name));

-- step 8: transaction
INSERT INTO public.counted VALUES ('done', 1);
""".format(attached="SELECT NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = 'public.events_2025'::regclass)")
UNDONE = """\
-- step 1: transaction
DELETE FROM public.counted;
DELETE FROM public.events;
DELETE FROM public.orders;
DELETE FROM public.people;
"""
DETACHED = """\
-- step 1: transaction
DELETE FROM public.counted WHERE what = 'done';
DROP INDEX public.people_tenant_idx;
ALTER TABLE public.orders DROP CONSTRAINT orders_person_fk, DROP CONSTRAINT orders_amount_check;
ALTER TABLE public.events ATTACH PARTITION public.events_2025 FOR VALUES IN (2025);
ALTER TABLE public.events_2025 DROP CONSTRAINT events_2025_year_check;
CREATE INDEX orders_old_idx ON public.orders (at);
DROP INDEX public.orders_person_idx;
"""
_CATALOG = """
SELECT 'index', c.relname, pg_get_indexdef(c.oid), i.indisvalid AND i.indisready AND i.indislive
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'constraint', conname, conrelid::regclass || ' ' || pg_get_constraintdef(oid), convalidated
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'partition', inhrelid::regclass::text, inhparent::regclass::text, NOT inhdetachpending FROM pg_inherits
WHERE inhparent::regclass::text NOT LIKE '%idx' AND inhparent::regclass::text NOT LIKE '%key'
UNION ALL
SELECT 'column', attrelid::regclass || '.' || attname, format_type(atttypid, atttypmod), attnotnull
FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND attnum > 0 ORDER BY 1, 2, 3
"""
_TABLES = ("people", "orders", "counted", "events", "events_2025")


class Reference(NamedTuple):
    """What a run that nothing disturbs leaves behind, and about how many seconds it takes."""

    catalog: list[tuple[Any, ...]]
    data: dict[str, Any]
    seconds: float


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Three migrations: tables, data, and a third with steps of both kinds."""
    made = project(tmp_path_factory.mktemp("crashes") / "shop", *MODELS)
    made.run("generate", "first")
    for name, up, down in (("data", DATA, UNDONE), ("concurrent", CONCURRENT, DETACHED)):
        made.run("generate", "--custom", name)
        made.write(made.ids()[-1], up=up, down=down)
        made.run("rebase")
    return made


@pytest.fixture(scope="session")
def crashing(_environment: None) -> Iterator[Server]:
    """A server of its own: when it crashes, all sessions on it end, those of other tests too."""
    server = Server.start(18, embedded_bin())
    yield server
    server.stop()


@pytest.fixture(scope="session")
def reference(shop: Project, crashing: Server) -> Reference:
    """What is right, found by a run of its own."""
    url = crashing.create()
    began = time.monotonic()
    process = started(shop, url)
    seconds = time.monotonic() - began
    assert ended(process) == 0
    seconds = time.monotonic() - began
    found = Reference(rows(url, _CATALOG), data_of(url), seconds)
    crashing.drop(url)
    return found


@pytest.mark.parametrize(("kind", "seed"), [(KINDS[run % 4], run) for run in range(RUNS)])
def test_the_next_run_completes_it(
    shop: Project, reference: Reference, crashing: Server, kind: str, seed: int, record_property: Any
) -> None:
    chance = random.Random(seed)  # noqa: S311 - so that a run can be had again
    url = crashing.create()
    with ExitStack() as stack:
        there = tcp_url(url)
        proxy = stack.enter_context(Proxy(crashing.port)) if kind == "cut" else None
        if proxy is not None:
            there = there.replace(f":{crashing.port}/", f":{proxy.port}/")
        process = started(shop, there)
        if seed % 8 < len(KINDS):
            time.sleep(chance.uniform(0.1, reference.seconds * 0.8))
        else:
            wait_for_steps(process, url, chance.randrange(12))
            time.sleep(chance.uniform(0, 0.05))
        disturb(kind, process, crashing, url, proxy)
        code = ended(process)
    got_to = rows_once_up(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'mizzle'")
    steps = rows(url, "SELECT count(*) FROM mizzle.steps WHERE state = 'done'")[0][0] if got_to[0][0] == 3 else 0
    record_property("crash", f"{kind} exit {code} after {steps} steps")
    again = started(shop, url)
    assert ended(again) == 0, f"seed {seed}: {again.args}"
    assert rows(url, _CATALOG) == reference.catalog
    assert data_of(url) == reference.data
    applied = rows(url, "SELECT id, count(*) FROM mizzle.history WHERE state = 'applied' GROUP BY id ORDER BY id")
    assert applied == [(migration, 1) for migration in shop.ids()]
    assert rows(url, "SELECT count(*) FROM mizzle.history WHERE state = 'running'") == [(0,)]
    crashing.drop(url)


def wait_for_steps(process: subprocess.Popen[str], url: str, number: int) -> None:
    """Wait until so many steps are recorded as done: a moment that lies in the next one."""
    query = b"SELECT count(*) FROM mizzle.steps WHERE state = 'done'"
    with psycopg.connect(url, autocommit=True) as connection:
        while process.poll() is None:
            try:
                found = connection.execute(query).fetchone()
            except psycopg.errors.UndefinedTable:
                continue
            if found is not None and found[0] >= number:
                return


def started(shop: Project, url: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "mizzle", "-C", str(shop.folder), "--url", url, "migrate", "--wait", "60"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path.cwd())


def ended(process: subprocess.Popen[str]) -> int:
    out, err = process.communicate(timeout=_LONGEST)
    assert "Traceback" not in err, err
    if process.returncode not in {0, -signal.SIGKILL}:
        sys.stderr.write(out + err)
    return process.returncode


def disturb(kind: str, process: subprocess.Popen[str], server: Server, url: str, proxy: Proxy | None) -> None:
    match kind:
        case "kill":
            process.kill()
        case "terminate":
            backends(server, url, "SELECT pg_terminate_backend(pid)")
        case "restart":  # PostgreSQL ends all sessions, and recovers, when a process of its own is killed
            for (pid,) in backends(server, url, "SELECT pid"):
                with suppress(ProcessLookupError):  # its run is over
                    os.kill(pid, signal.SIGKILL)
                break
        case _:
            assert proxy is not None
            proxy.cut()


def backends(server: Server, url: str, select: str) -> list[tuple[Any, ...]]:
    name = database_name(url)
    return rows(server.admin_url, f"{select} FROM pg_stat_activity WHERE datname = '{name}'")


def rows_once_up(url: str, query: str) -> list[tuple[Any, ...]]:
    """Ask when the server has recovered."""
    deadline = time.monotonic() + _LONGEST
    while True:
        try:
            return rows(url, query)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def data_of(url: str) -> dict[str, Any]:
    digest = "SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) FROM public.{} AS t"
    return {table: rows(url, digest.format(table)) for table in _TABLES}
