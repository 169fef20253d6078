"""Studio in a real browser, on the portal's database with rows in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree import ElementTree as ET

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from chromium import chromium
from mizzle.project.project import Project
from studio_client import Client, studio
from studio_portal import PORTAL, ROOT, fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers import Server

_AXE = ROOT / "studio" / "node_modules" / "axe-core" / "axe.min.js"
_KNOWN = ("Applying inline style violates", "status of 400", "status of 403", "status of 499")
"""What a console may say: Chromium itself styles what is typed over a selection, and names answers that refuse."""
SCRIPT = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
_HOSTILE = """
CREATE TABLE public."<img src=x onerror=alert(1)>" (id text PRIMARY KEY, "<b onclick=alert(2)>x</b>" text);
COMMENT ON TABLE public."<img src=x onerror=alert(1)>" IS '<script>alert(3)</script>';
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def portal(pg18: Server) -> Iterator[str]:
    """The portal's database; in a tenant's name, and in a table of its own, what a careless page would run."""
    url = fill(pg18)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE public.tenants SET name = %s WHERE name = 'Kinderwald'", (SCRIPT,))
        connection.execute(_HOSTILE.encode())
        connection.execute('INSERT INTO public."<img src=x onerror=alert(1)>" VALUES (%s, %s)', (SCRIPT, SCRIPT))
        connection.execute("ANALYZE")
    yield url
    pg18.drop(url)


@pytest.fixture(scope="module")
def reading(portal: str) -> Iterator[Client]:
    """Studio on it, as it is started in the portal's folder."""
    with studio(portal, tenants="tenants", project=Project.load(PORTAL, url=portal)) as client:
        yield client


@pytest.fixture
def tab(browser: Browser, reading: Client) -> Iterator[Page]:
    """A new browser's tab that came in by an address of its own, 1280 wide."""
    yield from opened(browser, reading)


@pytest.fixture
def writing(browser: Browser, portal: str) -> Iterator[Page]:
    """The same of a studio that may write."""
    with studio(portal, write=True, tenants="tenants") as client:
        yield from opened(browser, client)


def opened(browser: Browser, client: Client) -> Iterator[Page]:
    """Give a tab in studio; afterwards, nothing may have gone wrong in its scripts or been run from a value."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(15_000)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("response", lambda answer: wrong.append(f"404: {answer.url}") if answer.status == 404 else None)
    page.on("dialog", lambda dialog: wrong.append(f"a dialog: {dialog.message}"))
    page.goto(client.address.entrance())
    page.get_by_role("heading", name="test").wait_for()
    yield page
    assert page.title() == "Mizzle Studio"
    context.close()
    assert [each for each in wrong if not any(known in each for known in _KNOWN)] == []


def go(page: Page, table: str) -> None:
    """Open the rows of a table from the list of tables."""
    page.locator(".sidebar").get_by_role("link", name=re.compile(rf"^{table}\b")).first.click()
    page.locator(".grid .ag-row").first.wait_for()


def cells(page: Page, column: int) -> list[str]:
    """Return the texts of a column of the grid, as far as it is drawn."""
    expect(page.locator(".rows[aria-busy=true]")).to_have_count(0)
    return page.locator(f".grid .ag-row .ag-cell[col-id='{column}']").all_inner_texts()


class TestRows:
    """The grid."""

    def test_pages_forward_and_back(self, tab: Page) -> None:
        go(tab, "sync_runs")
        first = cells(tab, 0)
        expect(tab.locator(".told")).to_contain_text("4,000 rows")
        tab.get_by_role("button", name="Next").click()
        expect(tab.locator(".grid .ag-row .ag-cell[col-id='0']").first).not_to_have_text(first[0])
        second = cells(tab, 0)
        assert first[0] != second[0]
        tab.get_by_role("button", name="Last").click()
        expect(tab.get_by_role("button", name="Next")).to_be_disabled()
        tab.get_by_role("button", name="First").click()
        expect(tab.locator(".grid .ag-row .ag-cell[col-id='0']").first).to_have_text(first[0])

    def test_sorts_by_a_columns_name(self, tab: Page) -> None:
        go(tab, "users")
        top = tab.locator(".grid .ag-row .ag-cell[col-id='1']").first
        tab.get_by_role("button", name=re.compile("^email, ")).click()
        expect(tab.get_by_role("button", name=re.compile("^email, .*sorted ascending"))).to_be_visible()
        expect(top).to_have_text("person100@example.com")
        rising = cells(tab, 1)
        tab.get_by_role("button", name=re.compile("^email, ")).click()
        expect(tab.get_by_role("button", name=re.compile("^email, .*sorted descending"))).to_be_visible()
        expect(top).to_have_text("person9@example.com")
        falling = cells(tab, 1)
        assert rising == sorted(rising)
        assert falling == sorted(falling, reverse=True)

    def test_filters_by_type_and_takes_them_off_again(self, tab: Page) -> None:
        go(tab, "users")
        tab.get_by_role("button", name="Filter").click()
        tab.get_by_label("Column", exact=True).select_option("status")
        tab.get_by_label("Value").select_option(["pending"])
        tab.get_by_role("button", name="Add filter").click()
        expect(tab.locator(".told")).to_contain_text("80 rows")
        expect(tab.locator(".grid .ag-row .ag-cell[col-id='4']").first).to_have_text("pending")
        assert set(cells(tab, 4)) == {"pending"}
        tab.get_by_role("button", name="Take away the filter on status").click()
        expect(tab.locator(".told")).to_contain_text("240 rows")

    def test_a_filter_with_a_wrong_value_says_so(self, tab: Page) -> None:
        go(tab, "users")
        tab.goto(tab.url + "?filters=" + quote('[{"column":"id","op":"eq","value":"x"}]'))
        expect(tab.get_by_role("alert")).to_contain_text("invalid input syntax for type uuid")

    def test_searches_all_texts(self, tab: Page) -> None:
        go(tab, "users")
        tab.get_by_label("Search all texts").fill("person117")
        expect(tab.locator(".told")).to_contain_text("1 row ")
        assert cells(tab, 1) == ["person117@example.com"]

    def test_a_reference_is_a_link_with_a_preview(self, tab: Page) -> None:
        go(tab, "report_weeks")
        link = tab.locator(".grid .ag-row a").first
        link.hover()
        expect(tab.get_by_role("tooltip")).to_contain_text("timezone")
        link.click()
        expect(tab.get_by_role("heading", name="tenants", exact=True)).to_be_visible()
        expect(tab.locator(".told")).to_contain_text("1 row ")

    def test_a_row_whole_with_what_refers_to_it(self, tab: Page) -> None:
        go(tab, "users")
        tab.locator(".grid .ag-row .ag-cell[col-id='1']").first.dblclick()
        panel = tab.get_by_role("complementary", name="Row")
        expect(panel).to_contain_text("Referred to by")
        panel.get_by_role("link", name="sessions").click()
        expect(tab.get_by_role("heading", name="sessions", exact=True)).to_be_visible()
        expect(tab.locator(".chip")).to_contain_text("user_id =")

    def test_null_empty_and_json_look_like_what_they_are(self, tab: Page) -> None:
        go(tab, "users")
        assert tab.locator(".grid .null").count() > 0
        assert tab.locator(".grid .empty").count() > 0
        go(tab, "ct_raw_snapshots")
        tab.locator(".grid .ag-row .ag-cell[col-id='4']").first.dblclick()
        tree = tab.get_by_role("list", name="payload_json")
        expect(tree).to_contain_text("items")
        tree.get_by_role("button", name=re.compile("items .*item")).click()
        expect(tree).not_to_contain_text("Client 1")

    def test_keys_alone_will_do(self, tab: Page) -> None:
        go(tab, "users")
        tab.locator(".grid .ag-row .ag-cell[col-id='0']").first.click()
        tab.keyboard.press("ArrowRight")
        tab.keyboard.press("Control+c")
        expect(tab.locator("#announcement")).to_have_text("copied")
        assert tab.evaluate("navigator.clipboard.readText()") == cells(tab, 1)[0]
        tab.keyboard.press("ArrowLeft")
        tab.keyboard.press("Control+c")
        whole = tab.locator(".grid .ag-row .ag-cell[col-id='0'] span").first.get_attribute("title")
        assert whole is not None
        assert len(whole) == 36
        for _ in range(100):
            if tab.evaluate("navigator.clipboard.readText()") == whole:
                break
            tab.wait_for_timeout(100)
        else:
            pytest.fail("the uuid was not copied whole")
        tab.keyboard.press("Enter")
        expect(tab.get_by_role("complementary", name="Row")).to_be_visible()
        tab.keyboard.press("Escape")
        expect(tab.get_by_role("complementary", name="Row")).to_have_count(0)

    def test_copies_rows_and_exports_a_table(self, tab: Page) -> None:
        go(tab, "tenants")
        tab.locator(".grid .ag-row").first.get_by_role("checkbox").check()
        tab.get_by_role("button", name="Copy 1").click()
        tab.get_by_role("button", name="Copy as INSERT").click()
        expect(tab.locator("#announcement")).to_have_text("copied")
        assert tab.evaluate("navigator.clipboard.readText()").startswith("INSERT INTO public.tenants (id, name,")
        tab.get_by_role("button", name="Export").click()
        with tab.expect_download() as download:
            tab.get_by_role("link", name="Export as CSV").click()
        assert download.value.suggested_filename == "tenants.csv"
        assert len(download.value.path().read_text().splitlines()) == 9

    def test_a_value_that_is_a_script_is_a_text(self, tab: Page) -> None:
        go(tab, "tenants")
        assert SCRIPT in cells(tab, 1)
        tab.locator(".sidebar").get_by_role("link", name=re.compile("img src")).click()
        tab.locator(".grid .ag-row .ag-cell").nth(1).dblclick()
        expect(tab.get_by_role("complementary", name="Row")).to_contain_text(SCRIPT)
        tab.get_by_role("link", name="Structure").click()
        expect(tab.locator("pre.sql").last).to_contain_text("onerror=alert(1)")
        tab.get_by_role("navigation", name="Pages of the table").get_by_role("link", name="Diagram").click()
        expect(tab.locator(".diagram-stage")).to_contain_text("<img src=x")

    def test_usable_at_800_pixels(self, tab: Page) -> None:
        tab.set_viewport_size({"width": 800, "height": 700})
        go(tab, "users")
        tab.locator(".grid .ag-row .ag-cell[col-id='0']").first.dblclick()
        expect(tab.get_by_role("complementary", name="Row")).to_be_visible()
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


class TestTenants:
    """The lens."""

    def test_one_choice_narrows_every_table_that_leads_there(self, tab: Page) -> None:
        go(tab, "report_week_manual")
        expect(tab.locator(".told")).to_contain_text("301 rows")
        tab.get_by_role("button", name="All tenants").click()
        tab.get_by_label("Find a tenant").fill("harbor")
        tab.get_by_role("button", name="Harbor Coffee").click()
        expect(tab.locator(".told")).to_contain_text("38 rows of Harbor Coffee")
        expect(tab.locator(".sidebar").get_by_role("link", name=re.compile("^report_weeks"))).to_contain_text("56")
        expect(tab.locator(".sidebar").get_by_role("link", name=re.compile("^users"))).to_contain_text("shared")
        go(tab, "tenants")
        expect(tab.locator(".told")).to_contain_text("1 row of Harbor Coffee")
        tab.get_by_role("button", name="Show all tenants").click()
        expect(tab.locator(".told")).to_contain_text("8 rows")


class TestStructure:
    """What a table is made of, and the diagram."""

    def test_the_parts_of_a_table(self, tab: Page) -> None:
        go(tab, "memberships")
        tab.get_by_role("link", name="Structure").click()
        expect(tab.get_by_role("region", name="Indexes", exact=True)).to_contain_text("memberships_tenant_id_idx")
        expect(tab.get_by_role("region", name="Constraints", exact=True)).to_contain_text("ON DELETE CASCADE")
        expect(tab.get_by_role("region", name="SQL that makes memberships")).to_contain_text(
            "CREATE TABLE public.memberships"
        )

    def test_the_diagram_is_searched_narrowed_and_saved(self, tab: Page) -> None:
        tab.get_by_role("link", name="Diagram", exact=True).first.click()
        about = tab.locator(".diagram-about")
        expect(about).to_contain_text("16 tables, 20 references")
        tab.locator(".diagram-stage").get_by_role("button").first.wait_for()
        tab.locator("#diagram-find").fill("sessions")
        tab.keyboard.press("Enter")
        expect(about).to_contain_text("table sessions, 5 columns")
        tab.get_by_role("button", name="Show neighbours").click()
        expect(tab.get_by_role("button", name="Show all tables")).to_be_visible()
        expect(tab.locator(".diagram-stage")).not_to_contain_text("lead_metrics")
        expect(tab.locator(".diagram-stage")).to_contain_text("users")
        with tab.expect_download() as download:
            tab.get_by_role("button", name="Export SVG").click()
        root = ET.parse(download.value.path()).getroot()  # noqa: S314 - our own file
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert "sessions" in "".join(root.itertext())
        tab.get_by_role("button", name="Show all tables").click()
        expect(tab.locator(".diagram-stage")).to_contain_text("lead_metrics")


class TestMigrations:
    """The timeline and drift."""

    def test_where_each_stands_and_what_it_does(self, tab: Page) -> None:
        tab.get_by_role("link", name="Migrations").click()
        entry = tab.get_by_role("list", name="Timeline").get_by_role("button")
        expect(entry).to_contain_text("applied")
        entry.click()
        expect(tab.get_by_role("region", name="up.sql")).to_contain_text("CREATE TYPE public.membership_role")
        tab.get_by_role("button", name="down.sql").click()
        expect(tab.locator(".steps")).to_contain_text("DELETES_DATA")

    def test_advice_with_its_evidence(self, tab: Page) -> None:
        tab.get_by_role("link", name="Migrations", exact=True).click()
        tab.get_by_role("button", name="Look for advice").click()
        advice = tab.get_by_role("region", name="Advice")
        expect(advice.get_by_role("status")).to_contain_text("14 findings; 27 accepted")
        advice.get_by_text("foreign-key-without-index", exact=True).click()
        found = advice.get_by_role("listitem").filter(has_text="lead_metrics_tenant_id_tenants_id_fk")
        expect(found).to_contain_text("CREATE INDEX lead_metrics_tenant_id_idx ON public.lead_metrics (tenant_id)")

    def test_drift_is_told_with_the_way_out(self, tab: Page) -> None:
        tab.get_by_role("link", name="Migrations").click()
        tab.get_by_role("button", name="Compare them").click()
        found = tab.get_by_role("list", name="What was found")
        expect(found).to_contain_text("the models are what the migrations make", timeout=60_000)
        expect(found).to_contain_text("only in the database")
        expect(found).to_contain_text("DROP TABLE")


class TestSql:
    """The console."""

    @staticmethod
    def write(page: Page, sql: str) -> None:
        page.get_by_role("link", name="SQL", exact=True).click()
        page.locator(".cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(sql)
        page.keyboard.press("Escape")

    def test_runs_the_statement_that_the_cursor_is_in(self, tab: Page) -> None:
        self.write(tab, "SELECT 1 AS one;\n\nSELECT email FROM users ORDER BY created_at LIMIT 3")
        tab.keyboard.press("Control+Enter")
        expect(tab.get_by_role("region", name="Result").first).to_contain_text("3 rows")
        assert cells(tab, 0) == ["person1@example.com", "person2@example.com", "person3@example.com"]
        tab.get_by_role("button", name="History").click()
        expect(tab.locator(".past")).to_contain_text("SELECT email FROM users")

    def test_completes_from_the_catalog(self, tab: Page) -> None:
        self.write(tab, "SELECT * FROM report_w")
        tab.keyboard.press("Control+Space")
        expect(tab.locator(".cm-tooltip-autocomplete")).to_contain_text("report_week_manual")

    def test_refuses_to_write_and_says_where_an_error_is(self, tab: Page) -> None:
        self.write(tab, "DELETE FROM users")
        tab.get_by_role("button", name="Run", exact=True).click()
        expect(tab.get_by_role("alert")).to_contain_text("this console only reads")
        self.write(tab, "SELECT nope FROM users")
        tab.get_by_role("button", name="Run", exact=True).click()
        expect(tab.get_by_role("alert")).to_contain_text("nope")

    def test_says_where_the_time_went(self, tab: Page) -> None:
        self.write(
            tab, "SELECT count(*) FROM sync_runs s JOIN tenants t ON t.id = s.tenant_id WHERE s.status = 'failed'"
        )
        tab.get_by_role("button", name="Explain and run").click()
        expect(tab.get_by_role("region", name="Plan")).to_contain_text("most of the time")
        tab.get_by_role("button", name="Text", exact=True).click()
        expect(tab.get_by_role("region", name="Plan as text")).to_contain_text("Seq Scan on sync_runs")

    def test_cancels(self, tab: Page) -> None:
        self.write(tab, "SELECT pg_sleep(4)")
        tab.get_by_role("button", name="Run", exact=True).click()
        tab.get_by_role("button", name="Cancel").click()
        expect(tab.get_by_role("alert")).to_contain_text("cancelled")


class TestWriting:
    """With --write."""

    def test_a_row_is_changed_after_its_sql_was_shown(self, writing: Page, portal: str) -> None:
        go(writing, "tenant_branding")
        writing.locator(".grid .ag-row .ag-cell[col-id='4']").first.dblclick()
        writing.get_by_role("button", name="Edit").click()
        writing.locator("#edit-primary_color").fill("#123456")
        writing.get_by_role("button", name="Show the SQL").click()
        shown = writing.get_by_role("region", name="SQL of the change")
        expect(shown).to_contain_text("UPDATE public.tenant_branding SET primary_color = '#123456' WHERE id =")
        with psycopg.connect(portal) as connection:
            changed = "SELECT count(*) FROM public.tenant_branding WHERE primary_color = '#123456'"
            assert connection.execute(changed).fetchone() == (0,)
            writing.get_by_role("button", name="Commit").click()
            expect(writing.get_by_role("complementary", name="Row")).to_contain_text("#123456")
            assert connection.execute(changed).fetchone() == (1,)

    def test_a_statement_is_tried_before_it_is_committed(self, writing: Page, portal: str) -> None:
        TestSql.write(writing, "UPDATE public.hot_list_items SET market = 'Oslo' WHERE market = 'Denver'")
        writing.get_by_role("button", name="Run", exact=True).click()
        expect(writing.get_by_role("group", name="Commit")).to_contain_text("It met 375 rows")
        writing.get_by_role("button", name="Run and commit").click()
        expect(writing.get_by_role("region", name="Result").first).to_contain_text("committed")
        with psycopg.connect(portal) as connection:
            found = connection.execute("SELECT count(*) FROM public.hot_list_items WHERE market = 'Oslo'").fetchone()
        assert found == (375,)


class TestAccess:
    """Who sees it in another way, or not at all."""

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_axe_finds_nothing_serious(self, tab: Page, scheme: str) -> None:
        tab.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        found: dict[str, list[str]] = {}
        for name, arrive in _PLACES.items():
            arrive(tab)
            found[name] = violations(tab)
        assert {name: each for name, each in found.items() if each} == {}


def violations(page: Page) -> list[str]:
    """Return what axe-core calls serious or critical on the page as it is."""
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {node['html'][:120]}"
        for each in result["violations"]
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"][:3]
    ]


def _home(page: Page) -> None:
    page.get_by_role("link", name="Tables").click()
    page.get_by_role("region", name="All tables").wait_for()


def _rows(page: Page) -> None:
    go(page, "users")
    page.locator(".grid .ag-row .ag-cell[col-id='1']").first.dblclick()
    page.get_by_role("complementary", name="Row").get_by_text("Referred to by").wait_for()


def _filter(page: Page) -> None:
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("button", name="Add filter").wait_for()


def _structure(page: Page) -> None:
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Structure").click()
    page.get_by_role("region", name="SQL that makes users").wait_for()


def _diagram(page: Page) -> None:
    page.get_by_role("link", name="Diagram").first.click()
    page.locator(".diagram-stage").get_by_role("button").first.wait_for()


def _migrations(page: Page) -> None:
    page.get_by_role("link", name="Migrations").click()
    page.get_by_role("list", name="Timeline").get_by_role("button").click()
    page.get_by_role("region", name="up.sql").wait_for()


def _sql(page: Page) -> None:
    TestSql.write(page, "SELECT email, status FROM users LIMIT 5")
    page.keyboard.press("Control+Enter")
    page.locator(".result .ag-row").first.wait_for()


def _plan(page: Page) -> None:
    page.get_by_role("button", name="Explain and run").click()
    page.get_by_role("region", name="Plan").wait_for()


_PLACES: dict[str, Callable[[Page], None]] = {
    "home": _home,
    "rows": _rows,
    "filter": _filter,
    "structure": _structure,
    "diagram": _diagram,
    "migrations": _migrations,
    "sql": _sql,
    "plan": _plan,
}
