"""Takes the pictures of docs/studio.md: `make pictures`. Needs Debian's chromium, and the pages of studio built."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from playwright.sync_api import sync_playwright  # noqa: E402

from mizzle.project.project import Project  # noqa: E402
from servers import Server, embedded_bin  # noqa: E402
from studio_client import studio  # noqa: E402
from studio_portal import PORTAL, fill  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = ROOT / "docs" / "studio"
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync")
_SQL = """SELECT t.name, s.status, count(*), avg(s.records_updated)
FROM sync_runs s JOIN tenants t ON t.id = s.tenant_id
WHERE s.started_at > '2026-02-01'
GROUP BY 1, 2 ORDER BY 3 DESC"""


def main() -> None:
    """Write each picture."""
    FOLDER.mkdir(exist_ok=True)
    server = Server.start(18, embedded_bin())
    try:
        url = fill(server, "portal")
        with (
            studio(url, tenants="tenants", project=Project.load(PORTAL, url=url)) as client,
            sync_playwright() as driver,
        ):
            browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=_ARGUMENTS)
            page = browser.new_page(viewport={"width": 1280, "height": 760})
            page.goto(client.address.entrance())
            page.get_by_role("heading", name="portal").wait_for()
            for take in (rows, diagram, migrations, plan):
                take(page)
                page.wait_for_timeout(400)
                page.screenshot(path=FOLDER / f"{take.__name__}.png")
            browser.close()
    finally:
        server.stop()


def rows(page: Page) -> None:
    """A table through the lens, a row opened."""
    page.get_by_role("button", name="All tenants").click()
    page.get_by_role("button", name="Harbor Coffee").click()
    page.locator(".sidebar").get_by_role("link", name="ct_raw_snapshots").click()
    page.locator(".grid .ag-row .ag-cell[col-id='4']").first.dblclick()
    page.get_by_role("list", name="payload_json").wait_for()


def diagram(page: Page) -> None:
    """All fifteen tables."""
    page.get_by_role("link", name="Diagram").first.click()
    page.locator(".diagram-stage").get_by_role("button").first.wait_for()


def migrations(page: Page) -> None:
    """The timeline, and one migration."""
    page.get_by_role("link", name="Migrations").click()
    page.get_by_role("list", name="Timeline").get_by_role("button").click()
    page.get_by_role("region", name="up.sql").wait_for()


def plan(page: Page) -> None:
    """A plan that was run."""
    page.emulate_media(color_scheme="dark")
    page.get_by_role("link", name="SQL", exact=True).click()
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(_SQL)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Explain and run").click()
    page.get_by_role("region", name="Plan").wait_for()


if __name__ == "__main__":
    main()
