"""Times what studio does in a table of ten million rows: `make bench-studio`.

The portal's schema, ten million rows in `sync_runs` (of a thousand tenants, a few own most), each action asked for over
HTTP as the pages do, repeated, medians; and the first page in Chromium. Writes the table into docs/studio.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests")]

from mizzle.project.database import migrate  # noqa: E402
from servers import Server, embedded_bin  # noqa: E402
from studio_client import Answer, Client, studio  # noqa: E402

BEGIN, END = "<!-- bench -->", "<!-- end -->"
ROUNDS = 15
_LOAD = """
INSERT INTO tenants (id, name) SELECT md5('t' || n)::uuid, 'Tenant ' || n FROM generate_series(1, 1000) n;
INSERT INTO sync_runs (id, tenant_id, started_at, finished_at, status, error_message, records_updated)
SELECT md5('r' || n)::uuid, md5('t' || 1 + (power(n * 0.6180339887 % 1, 4) * 999)::int)::uuid,
       timestamp '2024-01-01' + n * interval '6 seconds', timestamp '2024-01-01 00:01' + n * interval '6 seconds',
       CASE WHEN n % 97 = 0 THEN 'failed' ELSE 'success' END::sync_status,
       CASE WHEN n % 97 = 0 THEN 'HTTP 503 from ClientTether' END, n % 900
FROM generate_series(1, {rows}) n;
"""


def main() -> None:
    """Load, measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--page", type=Path)
    arguments = parser.parse_args()
    server = Server.start(18, embedded_bin())
    try:
        url = server.create("portal")
        migrate(url, ROOT / "portal" / "migrations")
        load(url, arguments.rows)
        with studio(url, tenants="tenants") as client:
            lines = list(table(client, arguments.rows))
            lines += [f"| first page in Chromium, to the list of tables | {chromium(client):.0f} | |"]
    finally:
        server.stop()
    print("\n".join(lines))
    if arguments.page is not None:
        text = arguments.page.read_text(encoding="utf-8")
        before, after = text.partition(BEGIN)[0], text.partition(END)[2]
        arguments.page.write_text(f"{before}{BEGIN}\n{chr(10).join(lines)}\n{END}{after}", encoding="utf-8")


def load(url: str, rows: int) -> None:
    """Fill the tables, as a server at rest has them: vacuumed and analyzed."""
    began = time.monotonic()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_LOAD.format(rows=rows).encode())
        connection.execute("VACUUM ANALYZE")
    print(f"loaded {rows:,} rows in {time.monotonic() - began:.0f} s", file=sys.stderr)


def table(client: Client, rows: int) -> Iterator[str]:
    """Yield the lines of the table."""
    scale = f"{rows:,} rows in `sync_runs`, of 1,000 tenants"
    yield f"`make bench-studio`: {scale}; milliseconds over HTTP, each {ROUNDS} times."
    yield ""
    yield "| action | median | slowest |"
    yield "| --- | --- | --- |"
    for name, ask in actions(client):
        spent: list[float] = []
        answer = ask()
        for _ in range(ROUNDS):
            began = time.perf_counter()
            answer = ask()
            spent.append((time.perf_counter() - began) * 1000)
        said = name if answer.status == HTTPStatus.OK else f"{name}: given up, and said so"
        yield f"| {said} | {statistics.median(spent):.1f} | {max(spent):.1f} |"
        print(said, round(statistics.median(spent), 1), file=sys.stderr)


def actions(client: Client) -> Iterator[tuple[str, Callable[[], Answer]]]:
    """Yield what is asked, by name."""

    def rows(**more: Any) -> Answer:
        return client.get("rows", schema="public", table="sync_runs", **more)

    def of(path: str, **more: Any) -> Answer:
        return client.get(path, schema="public", table="sync_runs", **more)

    middle = {"key": ["80000000-0000-0000-0000-000000000000"]}
    first = rows().json
    key = first["keys"][0]
    tenants = client.get("tenants", search="Tenant 1").json["tenants"]
    large = next(each["key"] for each in tenants if each["label"] == "Tenant 1")
    small = client.get("tenants", search="Tenant 997").json["tenants"][0]["key"]
    failed = [{"column": "status", "op": "in", "value": ["failed"]}]
    one = [{"column": "tenant_id", "op": "eq", "value": small}]
    yield "list of tables", lambda: client.get("overview")
    yield "first page", rows
    yield "next page", lambda: rows(place=first["next"])
    yield "a page in the middle", lambda: rows(place=middle)
    yield "the page before that", lambda: rows(place={**middle, "back": True})
    yield "last page", lambda: rows(place={"back": True})
    yield "a page of 1,000 rows", lambda: rows(limit="1000")
    yield "sorted by a column with an index", lambda: rows(sort="tenant_id")
    yield "the last page of that", lambda: rows(sort="tenant_id", place={"back": True})
    yield "sorted by a column without one", lambda: rows(sort="started_at")
    yield "filter on a column with an index", lambda: rows(filters=one)
    yield "filter on a column without one, 1 row in 97", lambda: rows(filters=failed)
    yield "filter that nothing passes, without an index", lambda: rows(filters=[{**failed[0], "value": ["running"]}])
    yield "search that finds", lambda: rows(search="503")
    yield "search that finds nothing", lambda: rows(search="nowhere to be found")
    yield "number of rows", lambda: of("count")
    yield "number of rows that a filter leaves", lambda: of("count", filters=failed)
    yield "one row, and what refers to it", lambda: of("row", key=key)
    yield (
        "preview of a reference",
        lambda: client.get(
            "preview", schema="public", table="tenants", filters=[{"column": "id", "op": "eq", "value": small}]
        ),
    )
    yield "through the lens: the largest tenant", lambda: rows(tenant=large)
    yield "through the lens: a small one", lambda: rows(tenant=small)
    yield "a small tenant's rows in each table", lambda: client.get("tenant_counts", tenant=small)
    yield "the largest tenant's rows in each table", lambda: client.get("tenant_counts", tenant=large)
    yield "structure", lambda: of("structure")
    yield "diagram", lambda: client.get("diagram")
    yield "SQL: 1,000 of all rows", lambda: client.post("sql", sql="SELECT * FROM sync_runs")


def chromium(client: Client) -> float:
    """Return the milliseconds from entering the address to the list of tables, the median of five new tabs."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - after the measurements that need none

    spent: list[float] = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        for _ in range(5):
            context = browser.new_context()
            page = context.new_page()
            page.goto(client.address.entrance())
            page.get_by_role("region", name="All tables").wait_for()
            page.goto("about:blank")
            page.goto(f"http://{client.host}/")
            page.get_by_role("region", name="All tables").wait_for()
            spent.append(json.loads(page.evaluate(_PAINTED)))
            context.close()
        browser.close()
    return statistics.median(spent)


_PAINTED = "JSON.stringify(Math.max(...performance.getEntriesByType('paint').map((each) => each.startTime)))"


if __name__ == "__main__":
    main()
