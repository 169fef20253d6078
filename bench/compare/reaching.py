"""How far a tool reaches: SQL by hand, other databases, code in a migration, old and new code at the same time."""

from __future__ import annotations

from collections.abc import Mapping

from bench.compare import edits
from bench.compare.planning import Trial
from bench.compare.project import Project

_EMPTY = {
    "mizzle": ("mizzle", "generate", "--custom", "data"),
    "alembic": ("alembic", "revision", "-m", "data", "--rev-id", "data"),
    "django": ("django-admin", "makemigrations", "shop", "--empty", "-n", "data"),
    "drizzle": ("drizzle-kit", "generate", "--custom", "--name", "data"),
    "drizzle-next": ("drizzle-kit", "generate", "--custom", "--name", "data"),
}
_INDEX = "CREATE INDEX customer_name_idx ON public.customer (name)"
_BY_HAND = {
    "alembic": ("    pass\n", f'    op.execute("{_INDEX}")\n'),
    "django": ("operations = [", f'operations = [migrations.RunSQL("{_INDEX}"),'),
}
_LOOKED = {
    "mizzle": ("mizzle", "check"),
    "alembic": ("alembic", "check"),
    "django": ("django-admin", "check", "--database", "default"),
    "drizzle": ("drizzle-kit", "check"),
    "drizzle-next": ("drizzle-kit", "check"),
}
_HELP = {"alembic": ("alembic", "--help"), "django": ("django-admin", "makemigrations", "--help")}


def databases(project: Project) -> None:
    """The same migrations on SQLite."""
    if "drizzle" in project.tool:
        return
    file = project.root / "shop.db"
    if project.tool == "mizzle":
        project.run("mizzle", "migrate", url=f"sqlite:///{file}")
        return
    if project.tool == "alembic":
        env = project.root / "script" / "env.py"
        env.write_text(
            env.read_text(encoding="utf-8").replace(
                'os.environ["DATABASE_URL"].replace(":", "+psycopg:", 1)', 'os.environ["DATABASE_URL"]'
            ),
            encoding="utf-8",
        )
    else:
        settings = project.root / "settings.py"
        text = settings.read_text(encoding="utf-8").replace("backends.postgresql", "backends.sqlite3")
        settings.write_text(text.replace('url.path.lstrip("/")', "url.path"), encoding="utf-8")
    project.run(*project.migrating(), url=f"sqlite:///{file}")


def code(project: Project) -> None:
    """An empty migration, to be written by hand."""
    before = project.last()
    project.run(*_EMPTY[project.tool])
    found = project.last()
    assert found is not None
    assert found != before
    if found.is_dir():
        project.log(f"ls {found.relative_to(project.root)}", "\n".join(sorted(path.name for path in found.iterdir())))
    else:
        project.file(found)


def lint(project: Project) -> None:
    """SQL by hand that stops writers for as long as the table is large: an index, not CONCURRENTLY."""
    project.must(*_EMPTY[project.tool])
    path = project.newest()
    if project.tool == "mizzle":
        (path / "down.sql").write_text("DROP INDEX public.customer_name_idx;\n", encoding="utf-8")
        path = path / "up.sql"
    text, (old, new) = path.read_text(encoding="utf-8"), _BY_HAND.get(project.tool, ("", f"{_INDEX};\n"))
    path.write_text(text.replace(old, new, 1) if old else new, encoding="utf-8")
    project.said.clear()
    project.file(path)
    if project.tool == "mizzle":
        project.must("mizzle", "rebase")
    else:
        project.must(*project.migrating())
    project.run(*_LOOKED[project.tool])


def both(project: Project) -> None:
    """A renamed column that old and new code use at the same time."""
    if project.tool == "mizzle":
        project.edit(edits.RENAME)
        project.generate("change", "--expand-contract", "--rename", "public.customer.name:full_name")
        project.migrate()
        project.sql("UPDATE customer SET name = 'by old code' WHERE id = 1", log=True)
        project.ask("SELECT name, full_name FROM customer WHERE id = 1")
        project.run("mizzle", "migrate", "--contract")
        project.columns()
    else:
        project.run(*_HELP.get(project.tool, ("drizzle-kit", "generate", "--help")))


TRIALS: Mapping[str, Trial] = {"lint": lint, "databases": databases, "code": code, "both": both}
