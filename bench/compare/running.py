"""What becomes of a run that meets others, is cut off, or meets a history that somebody has touched."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
from tests.servers import tcp_url

from bench.compare import edits
from bench.compare.planning import Trial
from bench.compare.project import Project

_PATIENCE = 75.0
_HELD = 5.0
_READS = 20
_GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")
_BUILDING = "pg_stat_progress_create_index"
_VALID = (
    "SELECT indexrelid::regclass, CASE WHEN indisvalid THEN 'valid' ELSE 'INVALID' END FROM pg_index"
    " WHERE indexrelid::regclass::text = 'customer_name_idx'"
)
_MERGED = {
    "mizzle": (("mizzle", "migrate"), ("mizzle", "check"), ("mizzle", "rebase")),
    "alembic": (("alembic", "upgrade", "head"), ("alembic", "merge", "-m", "both", "heads")),
    "django": (("django-admin", "migrate"), ("django-admin", "makemigrations", "--merge", "--noinput")),
    "drizzle": (("drizzle-kit", "check"),),
    "drizzle-next": (("drizzle-kit", "check"), ("drizzle-kit", "generate", "--name", "both")),
}
_ASKED = {
    "mizzle": (("mizzle", "status"), ("mizzle", "check")),
    "alembic": (("alembic", "current"), ("alembic", "check")),
    "django": (("django-admin", "migrate", "--check"), ("django-admin", "makemigrations", "--check", "--dry-run")),
    "drizzle": (("drizzle-kit", "check"),),
    "drizzle-next": (("drizzle-kit", "check"),),
}


@contextmanager
def _held(project: Project) -> Iterator[psycopg.Connection]:
    """Give a transaction that reads table customer and does not end, as a long report does."""
    with psycopg.connect(project.url) as connection:
        connection.execute("SELECT count(*) FROM customer")
        yield connection


def _pending(project: Project) -> None:
    project.edit(edits.column("city"))
    project.must(*project.generating("change"))


def together(project: Project) -> None:
    """Two migrators at the same time; a reader holds both up for a while."""
    _pending(project)
    command = project.migrating()
    with _held(project):
        processes = [project.start(*command) for _ in range(2)]
        time.sleep(_HELD)
    for process in processes:
        project.wait(process, *command, patience=_PATIENCE)
    project.columns()


def waiting(project: Project) -> None:
    """A long report reads the table that is to be changed; others want to read it, too."""
    _pending(project)
    command = project.migrating()
    with _held(project):
        process = project.start(*command)
        time.sleep(_HELD)
        held_up = sum(not _reads(project) for _ in range(_READS))
        project.log("reads of table customer, one every 100 ms", f"{held_up} of {_READS} waited for more than 300 ms")
        project.wait(process, *command, patience=_PATIENCE)


def _reads(project: Project) -> bool:
    time.sleep(0.1)
    with psycopg.connect(project.url, autocommit=True, options="-c statement_timeout=300ms") as connection:
        try:
            connection.execute("SELECT 1 FROM customer LIMIT 1")
        except psycopg.errors.QueryCanceled:
            return False
    return True


def failing(project: Project) -> None:
    """A migration whose second statement fails; then it is mended and run again."""
    _pending(project)
    project.sql("ALTER TABLE customer ADD COLUMN city text")
    project.migrate()
    project.sql("ALTER TABLE customer DROP COLUMN city")
    project.migrate()
    project.columns()


def interrupted(project: Project) -> None:
    """An index that is built CONCURRENTLY is cut off half built; then the same run again."""
    project.edit(edits.CONCURRENT_INDEX)
    project.generate()
    _concurrently(project)
    command = project.migrating()
    with _held(project) as report:
        report.execute("UPDATE customer SET age = age WHERE id = 1")
        process = project.start(*command)
        if project.until(f"SELECT 1 FROM {_BUILDING}"):
            time.sleep(1)
            with psycopg.connect(project.url, autocommit=True) as connection:
                ended = connection.execute(f"SELECT pg_terminate_backend(pid) FROM {_BUILDING}".encode()).fetchall()
            project.log("SELECT pg_terminate_backend(pid), of the one that builds", f"{len(ended)} ended")
        project.wait(process, *command)
    project.ask(_VALID)
    project.migrate()
    project.ask(_VALID)


def _concurrently(project: Project) -> None:
    """Where the tool does not write CONCURRENTLY by itself: as its documentation says."""
    match project.tool:
        case "alembic":
            _replace(
                project.newest(),
                "    op.create_index('customer_name_idx', 'customer', ['name'], unique=False)",
                "    with op.get_context().autocommit_block():\n"
                "        op.create_index('customer_name_idx', 'customer', ['name'], postgresql_concurrently=True)",
            )
        case "django":
            path = project.newest()
            _replace(path, "migrations.AddIndex(", "AddIndexConcurrently(")
            _replace(
                path,
                "class Migration(migrations.Migration):\n",
                "from django.contrib.postgres.operations import AddIndexConcurrently\n\n\n"
                "class Migration(migrations.Migration):\n    atomic = False\n",
            )
        case _:
            return
    project.file(project.newest())


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, text
    path.write_text(text.replace(old, new), encoding="utf-8")


def branches(project: Project) -> None:
    """Two branches each add a migration, and git merges them."""
    (project.root / ".gitignore").write_text("node_modules\n__pycache__\n.mizzle\n", encoding="utf-8")
    project.must("git", "init", "-q", "-b", "main")
    _commit(project, "shop")
    for branch, after in (("one", "name"), ("two", "note")):
        project.must("git", "checkout", "-qb", branch, "main")
        project.edit(edits.column(f"{branch}_more", after=after))
        project.must(*project.generating(f"{branch}_more"))
        _commit(project, branch)
        time.sleep(1.1)  # names are of a second
    project.said.clear()
    merged = project.run(*_GIT, "merge", "-q", "--no-edit", "one")
    if merged.exit:
        project.run("git", "diff", "--name-only", "--diff-filter=U")
        return
    for command in _MERGED[project.tool]:
        project.run(*command)
    project.migrate()


def _commit(project: Project, message: str) -> None:
    project.must("git", "add", ".")
    project.must(*_GIT, "commit", "-qm", message)


def edited(project: Project) -> None:
    """A migration is edited after it was applied."""
    _pending(project)
    project.migrate()
    found = project.newest()
    if found.is_dir():
        found /= "up.sql"
    text = found.read_text(encoding="utf-8")
    assert "city" in text
    found.write_text(text.replace("city", "town"), encoding="utf-8")
    project.log(f"sed -i s/city/town/ {found.relative_to(project.root)}", "")
    project.migrate()
    for command in _ASKED[project.tool]:
        project.run(*command)


def bare(project: Project) -> None:
    """The models are not there, as in an image that only migrates; an empty database."""
    for path in (project.root / project.model, project.root / "__pycache__"):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    project.log(f"rm {project.model}", "")
    project.url = tcp_url(project.server.create())
    project.migrate()
    project.ask("SELECT count(*) || ' tables' FROM pg_tables WHERE tablename IN ('customer', 'orders')")


TRIALS: Mapping[str, Trial] = {
    "together": together,
    "waiting": waiting,
    "failing": failing,
    "interrupted": interrupted,
    "branches": branches,
    "edited": edited,
    "bare": bare,
}
