"""show: what migrations do, by name or since a revision of git; and plans as Markdown."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from mizzle.cli import markdown
from mizzle.cli.results.steps import Hazard, Lock, Step, Work
from projects import Project, project

if TYPE_CHECKING:
    from pathlib import Path

OLD = "CREATE TABLE people (id int PRIMARY KEY, age int)"
NEW = "CREATE TABLE people (id int PRIMARY KEY, age int NOT NULL)"
INDEX = "CREATE INDEX people_age_idx ON people (age)"


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A project in a folder of a repository: one migration in `main`, another one since."""
    made = project(tmp_path / "shop", OLD)
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "nothing yet")
    git(tmp_path, "tag", "nothing")
    made.run("generate", "first")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    made.schema(NEW, INDEX)
    made.run("generate", "second")
    return made


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True)


def shown(shop: Project, *arguments: str) -> list[str]:
    return [each["migration"] for each in shop.run("show", "--json", *arguments).json["migrations"]]


def test_what_is_shown(shop: Project) -> None:
    first, second = shop.ids()
    assert shown(shop) == [second]
    assert shown(shop, first) == shown(shop, first[:14]) == [first]
    assert shown(shop, second, first) == [first, second]
    assert shown(shop, "--since", "main") == [second]
    assert shown(shop, "--since", "nothing") == [first, second]
    git(shop.folder, "add", ".")
    git(shop.folder, "commit", "--quiet", "--message", "second")
    assert shown(shop, "--since", "main") == []
    assert shop.run("show", "--since", "main").out == "no migrations\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nonsense",), "no migration is called nonsense"),
        (("--since", "nonsense"), "git knows no revision nonsense"),
        (("--since", "--all"), "git knows no revision --all"),
        (("first", "--since", "main"), "migrations are named, and --since is given"),
        (("--json", "--format", "markdown"), "two forms are asked for"),
    ],
)
def test_what_is_wrong_is_said(shop: Project, arguments: tuple[str, ...], message: str) -> None:
    assert shop.run("show", *arguments, code=2).says(message)


def test_what_git_says_is_passed_on(tmp_path: Path) -> None:
    made = project(tmp_path / "shop", OLD)
    made.run("generate", "first")
    assert made.run("show", "--since", "main", code=2).says("git knows no revision main in", "not a git repository")


def test_a_fork_can_be_looked_at(shop: Project) -> None:
    second = shop.migrations / shop.ids()[1]
    kept = second.rename(shop.folder / "kept")
    shop.schema(OLD, "CREATE TABLE other ()")
    shop.run("generate", "third")
    kept.rename(second)
    assert len(shown(shop, "--since", "main")) == 2


def test_the_text_says_what_each_step_does_to_others(shop: Project) -> None:
    assert shop.run("show").out.splitlines() == [
        shop.ids()[1],
        "  creates 1 index",
        "  alter column public.people.age",
        "  step 1 of 3",
        "    ACCESS EXCLUSIVE on public.people",
        "    BREAKS_OLD_CODE: demands a value in column public.people.age: code that writes none fails",
        "  step 2 of 3, outside a transaction",
        "    SHARE UPDATE EXCLUSIVE on public.people",
        "    builds public.people_age_idx",
        "  step 3 of 3",
        "    SHARE UPDATE EXCLUSIVE on public.people",
        "    scans public.people",
        "    DATA_DEPENDENT: fails if rows of public.people violate column public.people.age",
    ]


def rendered(text: str) -> str:
    """Markdown as a page shows it."""
    return MarkdownIt("commonmark").enable("table").render(text)


def test_markdown_has_a_table_of_the_steps_the_hazards_and_the_sql(shop: Project) -> None:
    text = shop.run("show", "--since", "main", "--format", "markdown").out
    assert text.splitlines()[:5] == [
        "<!-- mizzle -->",
        "",
        "### 1 new migration",
        "",
        f"#### `{shop.ids()[1]}`, 3 steps",
    ]
    page = rendered(text)
    assert page.count("<tr>") == 4
    assert "<td>SHARE UPDATE EXCLUSIVE on <code>public.people</code></td>" in page
    assert "<td>builds <code>public.people_age_idx</code></td>" in page
    assert "<td><strong>breaks</strong></td>" in page
    assert "<strong>DATA_DEPENDENT</strong> fails if rows of public.people" in page
    assert "requires: column public.people.age holds no NULL" in page
    (sql,) = re.findall(r"<summary>SQL</summary>.*?<pre><code class=\"language-sql\">(.*?)</code>", page, re.DOTALL)
    assert sql.startswith(f"-- migration {shop.ids()[1]}\n")
    assert sql.endswith("ALTER TABLE public.people VALIDATE CONSTRAINT people_age_not_null;\n")


def test_nothing_new_is_said(shop: Project) -> None:
    git(shop.folder, "add", ".")
    git(shop.folder, "commit", "--quiet", "--message", "second")
    text = shop.run("show", "--since", "main", "--format", "markdown").out
    assert text == "<!-- mizzle -->\n\n### no new migrations\n"


def test_a_diff_as_markdown(shop: Project) -> None:
    text = shop.run("diff", shop.ids()[0], "head", "--format", "markdown", code=1).out
    assert f"### from {shop.ids()[0]} to head\n" in text
    assert "- create index public.people\\_age\\_idx\n" in text
    assert "<li>create index public.people_age_idx</li>" in rendered(text)
    assert "### from head to head: equal\n" in shop.run("diff", "head", "head", "--format", "markdown").out


def test_a_dry_run_as_markdown_says_how_large_the_tables_are(shop: Project, database: str) -> None:
    shop.run("--url", database, "migrate", "--to", shop.ids()[0])
    text = shop.run("--url", database, "migrate", "--dry-run", "--format", "markdown").out
    assert "### 1 migration pending\n" in text
    assert "ACCESS EXCLUSIVE on `public.people` (0 bytes, about 0 rows)" in text
    shop.run("--url", database, "migrate")
    text = shop.run("--url", database, "migrate", "--dry-run", "--format", "markdown").out
    assert text == "<!-- mizzle -->\n\n### 0 migrations pending\n"


def test_markdown_is_of_a_dry_run(shop: Project, database: str) -> None:
    ran = shop.run("--url", database, "migrate", "--format", "markdown", code=2)
    assert ran.says("--format markdown is of a dry run of one database")


ODD = "a|b`c<i>*d*\n__e__"
STEP = Step(
    step=1,
    transaction=True,
    lock_timeout=None,
    statement_timeout=None,
    lock="SHARE",
    locks=(Lock(relation=ODD, lock="SHARE"),),
    work=Work(rewrites=(ODD,), scans=(), builds=()),
    old_code=None,
    hazards=(Hazard(code="DELETES_DATA", subject=None, message=ODD),),
    requires=(),
    backfill=None,
    done_when=None,
    sql="",
)


def test_names_are_shown_as_they_are() -> None:
    page = rendered(markdown.page([markdown.Part("x", [ODD], [STEP], f"SELECT '{ODD}```';")], headline="y"))
    assert page.count("<td>") == 5
    assert page.count("<code>a|b`c&lt;i&gt;*d* __e__</code>") == 2
    assert page.count("a|b`c&lt;i&gt;*d* __e__</li>") == 2
    assert "SELECT 'a|b`c&lt;i&gt;*d*\n__e__```';\n</code>" in page


@pytest.mark.parametrize(
    ("parts", "steps", "sql"), [(3, 1, 10), (1, 1, 90_000), (1, 700, 10), (30, 30, 10), (700, 1, 10), (2_000, 1, 1)]
)
def test_a_page_fits_into_a_comment(parts: int, steps: int, sql: int) -> None:
    part = markdown.Part("`20261130161809_second`", ["creates 1 table"] * steps, [STEP] * steps, "x" * sql)
    text = markdown.page([part] * parts, headline="many")
    assert len(text) <= markdown.LONGEST
    assert text.startswith("<!-- mizzle -->\n\n### many\n")
    assert ("xxx" in text) == ((parts, steps, sql) == (3, 1, 10))
    assert "`20261130161809_second`" in text
